"""What the archive holds, read back by DuckDB and held against what the product answers."""

import csv
import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django_tenants.utils import tenant_context
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.accounts.models import User
from core.catalogue.models import ServiceCategory
from core.clients.models import Client
from core.exports.pseudonyms import Pseudonyms
from core.exports.services.writing import write_tables
from core.exports.tables import TABLES
from core.jobs.progress import Cancelled
from core.reporting.answers import answer, document
from core.reporting.question import BASES, Question
from core.staff.models import StaffMember
from core.stores.models import Store
from core.stores.services.groups import add_stores, create_group
from core.visits.models import Visit, VisitLine
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit, void_visit
from tenants.models import Chain
from tests.core.exports.conftest import Unpack
from tests.core.reporting.test_counting_properties import FIRST_DAY, PERIODS, Cast, Events, undone

YEAR = Question(start=date(2025, 1, 1), end=date(2026, 1, 1))
OF_BASIS = {"visit": "is_visit_day", "purchase": "is_purchase_day"}
SECRET = "=cmd|' /C calc'!A0"


def read(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """`{name}` stands for a table's file."""
    files = {table.name: f"'{folder / 'parquet' / table.name}.parquet'" for table in TABLES}
    with duckdb.connect() as database:
        return database.execute(sql.format(**files)).fetchall()


def repurchase(folder: Path, question: Question) -> tuple[int, int]:
    ((clients, repeats),) = read(
        folder,
        "SELECT count(*), count(*) FILTER (days > 1) FROM (SELECT client_id, count(DISTINCT day) AS days "
        f"FROM {{visit_days}} WHERE {OF_BASIS[question.basis]} AND day >= '{question.start}' "
        f"AND day < '{question.end}' GROUP BY 1)",
    )
    return clients, repeats


@pytest.mark.parametrize("basis", BASES)
def test_the_repurchase_rate_can_be_made_again(salon: dict[str, Store], unpacked: Unpack, basis: Any) -> None:
    question = Question(start=YEAR.start, end=YEAR.end, basis=basis)
    total = document(question)["total"]
    assert repurchase(unpacked(), question) == (total["clients"], total["repeat_clients"])


@pytest.mark.usefixtures("salon")
def test_amounts_and_lines_add_up_to_the_volumes(unpacked: Unpack) -> None:
    folder, total = unpacked(), document(Question(metric="volumes", start=YEAR.start, end=YEAR.end))["total"]
    ((visits, revenue),) = read(
        folder,
        "SELECT count(DISTINCT visit_id) FILTER (quantity > 0 AND client_id IS NOT NULL), "
        "sum(amount) FILTER (NOT paid_by_card) FROM {visit_lines} "
        "JOIN {visits} USING (visit_id) WHERE day >= '2025-01-01' AND day < '2026-01-01'",
    )
    ((of_days, new),) = read(
        folder,
        "SELECT sum(net_revenue), count(*) FILTER (is_new AND is_first_of_day) FROM {visit_days} "
        "WHERE day >= '2025-01-01' AND day < '2026-01-01'",
    )
    assert (visits, revenue * 100) == (total["visits"], total["net_revenue"])
    assert (of_days * 100, new) == (total["client_revenue"], total["new_clients"])


@pytest.mark.usefixtures("salon")
def test_csv_and_parquet_hold_the_same_rows(unpacked: Unpack) -> None:
    folder = unpacked()
    for table in TABLES:
        with (folder / "csv" / f"{table.name}.csv").open(encoding="utf-8-sig", newline="") as file:
            headings, *rows = csv.reader(file)
        assert headings == [column.name for column in table.shown(personal=False)]
        parquet = read(folder, f"SELECT * FROM {{{table.name}}}")
        assert len(parquet) == len(rows)
        for cells, values in zip(rows, parquet, strict=True):
            assert [bool(cell) for cell in cells] == [value is not None for value in values], table.name


@pytest.mark.usefixtures("salon")
def test_groups_come_with_the_days_on_which_stores_are_in_them(unpacked: Unpack) -> None:
    group = create_group(name="Pilot")
    add_stores(group_id=group.pk, codes=["S001"], joined_on=date(2025, 4, 7), left_on=date(2025, 6, 1))
    add_stores(group_id=group.pk, codes=["S002"])
    rows = read(
        unpacked(),
        "SELECT g.name, code, valid_from, valid_until FROM {store_group_members} JOIN {store_groups} g "
        "USING (store_group_id) JOIN {stores} USING (store_id) ORDER BY code",
    )
    assert rows == [
        ("Pilot", "S001", date(2025, 4, 7), date(2025, 6, 1)),
        ("Pilot", "S002", None, None),
    ]


@settings(max_examples=4, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_whatever_happened_days_are_those_the_metrics_count(
    chain: Chain, hq_user: User, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    with undone():
        events = Events(Cast.assembled(hq_user), data)
        for name in data.draw(st.lists(st.sampled_from(("record", "record", "void", "move")), min_size=4, max_size=12)):
            getattr(events, name)()
        folder = unpack_to(tmp_path_factory.mktemp("tables"))
        for start, end in PERIODS:
            for basis in BASES:
                question = Question(start=start, end=end, basis=basis)
                total = answer(question).total
                assert repurchase(folder, question) == (total.clients, total.counts["repeat_clients"]), question
        assert date(2025, 1, 1) > FIRST_DAY


def unpack_to(folder: Path) -> Path:
    write_tables(folder / "tables.zip", personal=False)
    with zipfile.ZipFile(folder / "tables.zip") as archive:
        archive.extractall(folder)
    return folder


def test_names_are_left_out_and_codes_lead_nowhere(salon: dict[str, Store], unpacked: Unpack) -> None:
    client = Client.objects.order_by("pk")[0]
    Client.objects.filter(pk=client.pk).update(name="Li Unique", phone="13800138000", email="li@x.test")
    StaffMember.objects.create(code="E77", name="Staff Unique", store=salon["S001"])
    folder = unpacked()
    for path in (folder / "csv").iterdir():
        assert not re.search("Li Unique|13800138000|li@x|Staff Unique|E77", path.read_text("utf-8-sig")), path.name
    codes = [code for (code,) in read(folder, "SELECT client_id FROM {clients}")]
    assert len(set(codes)) == len(codes) == Client.objects.count()
    assert all(re.fullmatch("[0-9a-f]{16}", code) for code in codes)
    # Files and database make the same codes, which stay the same.
    assert Pseudonyms().of("client", client.pk) in codes
    assert Pseudonyms().of("staff", client.pk) != Pseudonyms().of("client", client.pk)
    assert {code for (code,) in read(folder, "SELECT client_id FROM {visit_days}")} <= set(codes)


def test_another_chain_has_other_codes(chain: Chain, other_chain: Chain) -> None:
    own = Pseudonyms().of("client", 7)
    with tenant_context(other_chain):
        assert Pseudonyms().of("client", 7) != own


@pytest.mark.usefixtures("salon")
def test_personal_data_comes_where_it_is_asked_for_and_runs_in_no_spreadsheet(unpacked: Unpack) -> None:
    client = Client.objects.order_by("pk")[0]
    Client.objects.filter(pk=client.pk).update(name=SECRET, phone="+86 138", birth_date=date(1990, 2, 3))
    folder = unpacked(personal=True)
    ((name, phone, born, year),) = read(
        folder, f"SELECT name, phone, birth_date, birth_year FROM {{clients}} WHERE ref = '{client.ref}'"
    )
    assert (name, phone, born, year) == (SECRET, "+86 138", date(1990, 2, 3), 1990)
    text = (folder / "csv" / "clients.csv").read_text("utf-8-sig")
    assert "'=cmd" in text
    assert "'+86 138" in text


def test_voided_visits_walk_ins_and_returns(hq_user: User, store: Store, unpacked: Unpack) -> None:
    nails = ServiceCategory.objects.create(name="nails")

    def visit(client: Client | None, day: int, amount: str, quantity: int = 1) -> Visit:
        lines = [NewLine(amount=Decimal(amount), quantity=Decimal(quantity), category=nails)]
        return record_visit(acting_user=hq_user, store=store, client=client, day=date(2025, 3, day), lines=lines)

    one = Client.objects.create(ref="1")
    visit(one, 1, "12.34")
    visit(None, 2, "5")
    visit(one, 3, "-2.34", -1)
    void_visit(acting_user=hq_user, visit_id=visit(one, 4, "99").pk)
    folder = unpacked()
    assert read(folder, "SELECT day, client_id IS NULL FROM {visits} ORDER BY day") == [
        (date(2025, 3, 1), False), (date(2025, 3, 2), True), (date(2025, 3, 3), False),
    ]  # fmt: skip
    assert read(folder, "SELECT amount, quantity, category_id FROM {visit_lines} ORDER BY line_id") == [
        (Decimal("12.340"), 1, nails.pk), (Decimal(5), 1, nails.pk), (Decimal("-2.340"), -1, nails.pk),
    ]  # fmt: skip
    assert read(folder, "SELECT day, is_visit_day, net_revenue FROM {visit_days} ORDER BY day") == [
        (date(2025, 3, 1), True, Decimal("12.34")), (date(2025, 3, 3), False, Decimal("-2.34")),
    ]  # fmt: skip
    assert VisitLine.objects.count() == 4


@pytest.mark.usefixtures("chain")
def test_a_chain_without_records_has_empty_tables(unpacked: Unpack) -> None:
    folder = unpacked()
    assert read(folder, "SELECT count(*) FROM {visit_days}") == [(0,)]
    assert read(folder, "SELECT count(*) FROM {clients}") == [(0,)]


@pytest.mark.usefixtures("salon", "english")
def test_the_archive_explains_itself(unpacked: Unpack) -> None:
    folder = unpacked()
    text = (folder / "README.md").read_text()
    assert "Acme Beauty" in text
    assert "Currency of all amounts: CNY" in text
    example = re.search("```sql\n(.*?)```", text, re.DOTALL)
    assert example
    ((rate,),) = read(folder, example[1].replace("'parquet/visit_days.parquet'", "{visit_days}"))
    assert rate == pytest.approx(document(YEAR)["total"]["value"])
    with (folder / "dictionary.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    told = [(row["Table"], row["Column"]) for row in rows]
    assert told == [(table.name, one.name) for table in TABLES for one in table.shown(personal=False)]
    assert all(row["Contents"] for row in rows)
    assert {row["Unit"] for row in rows if row["Column"] == "amount"} == {"CNY"}


@pytest.mark.usefixtures("salon")
def test_cancelled_or_killed_it_leaves_nothing_half_done(tmp_path: Path) -> None:
    target = tmp_path / "x" / "one.zip"
    target.parent.mkdir()
    leftover = target.with_name(".one.part")
    leftover.mkdir()
    (leftover / "clients.csv").write_text("of a killed process")

    def cancel(done: int, _total: int) -> None:
        if done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_tables(target, personal=False, on_progress=cancel)
    assert list(target.parent.iterdir()) == []
    assert write_tables(target, personal=False) > 0
    assert [path.name for path in target.parent.iterdir()] == ["one.zip"]
    assert target.stat().st_mode & 0o077 == 0
