"""The figures of requirement H3, each counted plainly over the demo chain's files."""

import csv
import time
from collections import Counter
from datetime import date
from pathlib import Path
from statistics import mean

import pytest

from deploy.development.demo.files import write_files
from deploy.development.demo.generate import generate
from deploy.development.demo.plan import ChainPlan
from deploy.development.demo.yueyan import YUEYAN


def points(value: float) -> object:
    """Within one percentage point."""
    return pytest.approx(value, abs=0.01)


def percent(value: float) -> object:
    """Within one per cent."""
    return pytest.approx(value, rel=0.01)


def test_visits_and_their_growth(year_2025, year_2024):
    assert len(year_2025.kept) == percent(12_850)
    assert len([visit for visit in year_2025.all if visit.kept]) == percent(12_850)
    assert len(year_2025.kept) / len(year_2024.kept) - 1 == points(0.187)


def test_repurchase_rate_and_the_year_before(year_2025, year_2024):
    assert year_2025.rate() == points(0.42)
    assert year_2024.rate() == points(0.371)


@pytest.mark.parametrize(("tier", "rate"), [("一线", 0.48), ("二线", 0.42), ("三线", 0.35)])
def test_repurchase_rate_by_city_tier(year_2025, tier, rate):
    assert year_2025.rate(year_2025.of_tier(tier)) == points(rate)


@pytest.mark.parametrize(
    ("category", "rate", "share"),
    [("面部护理", 0.55, 0.38), ("抗衰", 0.50, 0.22), ("身体SPA", 0.45, 0.28), ("其他", 0.25, 0.12)],
)
def test_repurchase_rate_by_category_and_shares_of_service_lines(year_2025, category, rate, share):
    assert year_2025.category_rate(category) == points(rate)
    assert year_2025.service_share(category) == points(share)


def test_high_value_clients_by_the_same_year(year_2025, year_2024):
    high = year_2025.high_value()
    assert len(high) / len(year_2025.days) == points(0.35)
    assert year_2025.rate(high) == points(0.68)
    assert year_2025.rate(set(year_2025.days) - high) == points(0.28)
    assert len(year_2024.high_value()) / len(year_2024.days) == points(0.28)


def test_revenue_its_growth_and_the_part_of_repeat_clients(year_2025, year_2024):
    spend = year_2025.spend()
    assert sum(spend.values()) == percent(12_500_000)
    assert sum(spend.values()) / sum(year_2024.spend().values()) - 1 == points(0.25)
    repeat = sum(amount for client, amount in spend.items() if client in year_2025.repeats)
    assert repeat / sum(amount for client, amount in spend.items() if client) == points(0.68)


def test_repurchase_cycles(year_2025):
    assert year_2025.cycle_share(0, 31) == points(0.12)
    assert year_2025.cycle_share(31, 92) == points(0.38)
    assert year_2025.cycle_share(92, 366) == points(0.50)


def test_mean_rating_over_ratings_and_over_clients(year_2025, year_2024):
    for year, rating in ((year_2025, 4.8), (year_2024, 4.5)):
        ratings = year.ratings().values()
        assert mean(rating for given in ratings for rating in given) == percent(rating)
        assert mean(mean(given) for given in ratings) == percent(rating)


def test_shares_of_clients_by_rating(year_2025):
    means = [round(mean(given), 6) for given in year_2025.ratings().values()]
    assert sum(value >= 4.8 for value in means) / len(means) == points(0.58)
    assert sum(value < 4.5 for value in means) / len(means) == points(0.22)


def test_better_ratings_go_with_repurchase(year_2025):
    means = {client: mean(given) for client, given in year_2025.ratings().items()}
    pleased = year_2025.rate({client for client, value in means.items() if value >= 4.8})
    displeased = year_2025.rate({client for client, value in means.items() if value < 4.5})
    assert pleased > displeased + 0.1


def test_number_of_clients_and_anonymous_lines(year_2025):
    assert len(year_2025.days) == percent(5350)
    lines = list(year_2025.lines())
    assert sum(not line["client_ref"] for line in lines) / len(lines) == pytest.approx(0.012, abs=0.001)


def test_two_stores_stand_out(year_2025):
    assert year_2025.rate(year_2025.of_store("SHJA")) == pytest.approx(0.60, abs=0.015)
    assert year_2025.rate(year_2025.of_store("YCWY")) == pytest.approx(0.22, abs=0.015)


def test_every_store_is_complete_to_the_last_day_and_no_further(year_2025):
    last = Counter({store.code: "" for store in YUEYAN.stores})
    for visit in year_2025.all:
        last[visit.store] = max(last[visit.store], visit.day)
    assert set(last.values()) == {"2025-12-31"}


def test_there_is_something_of_everything(year_2025):
    lines = list(year_2025.lines())
    assert {line["kind"] for line in lines} == {"service", "product", "card_sale"}
    assert sum(line["paid_by_card"] == "1" for line in lines) > 1000
    assert sum(int(line["quantity"]) < 0 for line in lines) > 20
    assert any(not visit.kept for visit in year_2025.all)
    assert any(len(visits) > 1 for days in year_2025.days.values() for visits in days.values())
    assert any(
        len({visit.store for visits in days.values() for visit in visits}) > 1 for days in year_2025.days.values()
    )


def test_nobody_comes_when_the_stores_are_closed(year_2025):
    assert not {visit.day for visit in year_2025.all} & {str(day) for day in YUEYAN.years[-1].closed}


def test_member_tiers_change_on_review_days(folder: Path):
    with (folder / "member-tiers-2025-01-01.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["member_tier_from"] for row in rows} == {"2025-01-01"}
    assert {row["member_tier"] for row in rows} == {"normal", "silver", "gold", "diamond"}


def test_clients_records_fit_their_visits(folder: Path, year_2025):
    with (folder / "clients.csv").open(encoding="utf-8") as file:
        clients = {row["client_ref"]: row for row in csv.DictReader(file)}
    assert len({row["phone"] for row in clients.values()}) == len(clients)
    for ref in year_2025.days:
        assert clients[ref]["joined_on"] <= year_2025.first_visit(ref).day
    for row in clients.values():
        assert row["phone"].startswith("100")
        assert not row["birth_date"] or date.fromisoformat(row["birth_date"]) < date(2012, 1, 1)
        assert not row["referrer_ref"] or row["referrer_ref"] in clients


def test_the_same_files_every_time(folder: Path, tmp_path: Path):
    plan: ChainPlan = YUEYAN
    began = time.process_time()
    again = write_files(plan, generate(plan), tmp_path)
    assert time.process_time() - began < 10
    assert {path.name: path.read_bytes() for _, path in again} == {p.name: p.read_bytes() for p in folder.iterdir()}
