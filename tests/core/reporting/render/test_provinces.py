"""What the tiles of the grid say, and where they lead."""

from dataclasses import replace
from datetime import date

import pytest
from django.utils import translation

from core.reporting.data import Data
from core.reporting.question import Question
from core.reporting.render.provinces import Tile, draws_provinces, province_grid
from core.stores.models import Store, StoreLocation

YEAR = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="region")


def tiles(question: Question) -> dict[str, Tile]:
    return {tile.province.key: tile for tile in province_grid(question, Data())["tiles"]}


def test_tiles_are_coloured_from_the_lowest_to_the_highest_value(salon: dict[str, Store]) -> None:
    """60, 50 and 35 %."""
    with translation.override("en"):
        found = tiles(YEAR)
        assert [(found[key].css, found[key].short) for key in ("上海", "安徽", "河北", "浙江")] == [
            ("tint10", "SH"),
            ("tint6", "AH"),
            ("tint1", "HE"),
            ("", "ZJ"),
        ]
        assert found["上海"].description.replace("\xa0", " ") == (
            "Shanghai: 60.0 % · 95 % interval 44.6–73.7 · 40 clients"
        )
        assert found["浙江"].description == "Zhejiang: no clients"
        grid = province_grid(YEAR, Data())
        assert [end.replace("\xa0", " ") for end in grid["ends"]] == ["35.0 %", "60.0 %"]
        assert [str(tile.province.name) for tile in grid["shown"]] == ["Anhui", "Hebei", "Shanghai"]
    with translation.override("zh-hans"):
        assert tiles(YEAR)["上海"].short == "上海"


def test_small_samples_are_marked_and_not_coloured(salon: dict[str, Store]) -> None:
    shown = tiles(replace(YEAR, end=date(2025, 3, 1)))["上海"]
    assert (shown.small_sample, shown.css, bool(shown.value)) == (True, "", True)
    # A number of visits is what it is.
    assert tiles(replace(YEAR, metric="volumes", end=date(2025, 3, 1)))["上海"].css == "tint10"


def test_one_value_is_the_highest(salon: dict[str, Store]) -> None:
    grid = province_grid(replace(YEAR, city="上海"), Data())
    assert (grid["steps"], [tile.css for tile in grid["tiles"] if tile.value]) == (["tint10"], ["tint10"])


def test_tiles_lead_one_level_down(salon: dict[str, Store]) -> None:
    StoreLocation.objects.create(store=salon["S002"], valid_from=date(2025, 7, 1), city="芜湖", region="华东")
    asked = replace(YEAR, compare="year_before")
    found = tiles(asked)
    assert found["上海"].url == "/repurchase/?from=2025-01-01&to=2026-01-01&by=store&city=%E4%B8%8A%E6%B5%B7"
    assert found["安徽"].url == "/repurchase/?from=2025-01-01&to=2026-01-01&by=city&region=%E5%8D%8E%E4%B8%9C"
    StoreLocation.objects.filter(city="芜湖").update(region="华中")
    assert tiles(asked)["安徽"].url == ""


def test_cities_of_no_province_are_listed(salon: dict[str, Store]) -> None:
    StoreLocation.objects.filter(store=salon["S002"]).update(city="Kyoto")
    StoreLocation.objects.filter(store=salon["S003"]).update(city="")
    with translation.override("en"):
        listed = [text.replace("\xa0", " ") for text in province_grid(YEAR, Data())["elsewhere"]]
    assert listed == ["no city: 35.0 %", "Kyoto: 50.0 %"]


@pytest.mark.parametrize(
    ("by", "metric", "draws"),
    [
        ("region", "repurchase_rate", True),
        ("city", "volumes", True),
        ("store", "repurchase_rate", False),
        ("region", "return_within", False),
    ],
)
def test_where_the_grid_is_drawn(salon: dict[str, Store], by: str, metric: str, draws: bool) -> None:
    assert draws_provinces(replace(YEAR, by=by, metric=metric), Data()) is draws  # type: ignore[arg-type]
    StoreLocation.objects.update(city="Toronto")
    assert not draws_provinces(replace(YEAR, by=by, metric=metric), Data())  # type: ignore[arg-type]


def test_a_period_in_which_nobody_came(salon: dict[str, Store]) -> None:
    grid = province_grid(replace(YEAR, start=date(2020, 1, 1), end=date(2020, 2, 1)), Data())
    assert (grid["ends"], grid["shown"], grid["elsewhere"]) == ([], [], [])
