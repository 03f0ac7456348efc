"""Maple & Birch differs from 悦颜 in all that keeps chains apart."""

import csv
from pathlib import Path

import pytest

from deploy.development.demo.files import write_files
from deploy.development.demo.generate import generate
from deploy.development.demo.maple import MAPLE
from deploy.development.demo.yueyan import YUEYAN


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    files = write_files(MAPLE, generate(MAPLE), tmp_path_factory.mktemp("maple"))
    return {path.stem: _read(path) for _, path in files}


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_its_cities_have_tiers_and_regions_of_their_own(rows):
    assert {row["city_tier"] for row in rows["stores"]} == {"Metropolis", "Regional"}
    assert {row["region"] for row in rows["stores"]} == {"Ontario", "British Columbia", "Nova Scotia"}
    assert {row["time_zone"] for row in rows["stores"]} == {"", "America/Vancouver", "America/Halifax"}


def test_its_size(rows):
    assert len(rows["stores"]) == 6
    assert len(rows["clients"]) == pytest.approx(900, rel=0.05)
    visits = {(row["store_code"], row["visit_ref"], row["client_ref"]) for row in rows["visits-2025"]}
    assert len(visits) == pytest.approx(1482, rel=0.02)


def test_every_phone_number_is_kept_for_fiction_and_had_once(rows):
    phones = [row["phone"] for row in rows["clients"] + rows["staff"]]
    assert all(phone[7:].startswith("555 01") for phone in phones)
    assert len(set(phones)) == len(phones)


def test_every_store_is_complete_to_the_last_day(rows):
    last = {row["store_code"] for row in rows["visits-2025"] if row["started_at"].startswith("2025-12-31")}
    assert last == {row["store_code"] for row in rows["stores"]}


def test_it_shares_no_code_with_the_other_chain(rows):
    assert not {row["store_code"] for row in rows["stores"]} & {store.code for store in YUEYAN.stores}
    assert not {row["service_code"] for row in rows["services"]} & {item.code for item in YUEYAN.items}
