"""The recorded sample, moved to the present: dates alone change, all by the same number of weeks."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.start.services.sample_files import LAST_DAY, write_sample_files

DATES = {"opened_on", "hired_on", "birth_date", "joined_on", "member_tier_from", "started_at"}
Rows = list[dict[str, str]]


def files(folder: Path, language: str, yesterday: date) -> dict[str, Rows]:
    found = {}
    for kind, path in write_sample_files(language=language, yesterday=yesterday, folder=folder):
        with path.open(encoding="utf-8") as file:
            found[f"{kind} {path.name}"] = list(csv.DictReader(file))
    return found


@pytest.mark.parametrize("yesterday", [LAST_DAY - timedelta(days=1), date(2026, 11, 29), date(2031, 3, 3)])
def test_it_ends_within_the_week_that_ends_yesterday(tmp_path: Path, yesterday: date) -> None:
    moved = files(tmp_path, "en", yesterday)
    last = max(row["started_at"][:10] for name, rows in moved.items() if name.startswith("visits") for row in rows)
    assert timedelta(0) <= yesterday - date.fromisoformat(last) < timedelta(days=7)
    assert date.fromisoformat(last).weekday() == LAST_DAY.weekday()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nothing_but_dates_is_moved_and_every_date_by_the_same(tmp_path: Path, language: str) -> None:
    recorded, moved = files(tmp_path, language, LAST_DAY), files(tmp_path, language, LAST_DAY + timedelta(days=41))
    assert list(moved) == list(recorded)
    for name, rows in recorded.items():
        for before, after in zip(rows, moved[name], strict=True):
            assert {key for key in before if before[key] != after[key]} == {key for key in DATES if before.get(key)}
            for key in DATES & {key for key in before if before[key]}:
                gone = date.fromisoformat(after[key][:10]) - date.fromisoformat(before[key][:10])
                assert (gone.days, after[key][10:]) == (35, before[key][10:])


def test_kinds_come_in_the_order_in_which_they_import(tmp_path: Path) -> None:
    kinds = [kind for kind, _path in write_sample_files(language="en", yesterday=LAST_DAY, folder=tmp_path)]
    assert kinds == ["stores", "staff", "services", "clients", "clients", "clients", "clients", "visits", "visits"]


def test_any_chinese_is_chinese_and_all_else_english(tmp_path: Path) -> None:
    def store(language: str) -> str:
        return files(tmp_path, language, LAST_DAY)["stores stores.csv"][0]["name"]

    assert [store("zh-hans"), store("zh-hant")] == ["上海示例店"] * 2
    assert [store("en"), store("fr")] == ["Toronto Yorkville"] * 2
