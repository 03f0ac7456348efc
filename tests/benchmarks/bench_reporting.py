"""Questions on a chain of 500 stores and 5 million visit days; its pages; recording one visit in it."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from unittest.mock import patch

from django.db import connection
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.catalogue.models import ServiceCategory
from core.clients.models import Client
from core.reporting import receivers
from core.reporting.answers import answer
from core.reporting.data import Data
from core.reporting.facts import refresh
from core.reporting.facts.period_cache import is_standard
from core.reporting.grouped_counts import grouped_counts
from core.reporting.place_table import COLUMNS, place_table
from core.reporting.question import Question
from core.stores.models import Store
from core.stores.selectors import places_on
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tests.benchmarks import plain_answers
from tests.benchmarks.big_chain import filled_chain
from tests.benchmarks.forgetting import forget_cached, forget_connection, forget_counts
from tests.benchmarks.report_pages import follow_up, pages
from tests.benchmarks.rows import ALLOWED, Row, best_ms, one_ms, percentile, row
from tests.benchmarks.spending import Spent, spent

STORES, CLIENTS, DAYS = 500, 800_000, 5_000_000
YEAR = (date(2025, 1, 1), date(2026, 1, 1))
OTHER = (date(2024, 3, 15), date(2025, 3, 15))
PERIODS = {"a calendar year": YEAR, "a year from 15 March": OTHER}
WITHIN = 90
ALLOWED_RETURN_MS = 1000
RECORDED = 200


def run() -> Iterator[Row]:
    with filled_chain("bigchain", STORES, CLIENTS, DAYS) as big:
        with connection.cursor() as cursor:
            memory = plain_answers.in_memory(cursor)
        yield from _repurchase(memory)
        yield from _breakdowns()
        yield from _return_within(memory)
        duckdb_ms = _of_headquarters(memory)
        memory.close()
    yield from pages(big, duckdb_ms)
    yield from follow_up(big)
    with tenant_context(big):
        recorded = _record()
    with filled_chain("smallchain", 5, 800, 5_000):
        small = _record()
    for name, index in (("Recording a visit", 0), ("of which keeping the facts current", 1)):
        yield row(
            f"{name}, 95th percentile", recorded[index], "ms", than="in a chain of 5,000 days", alternative=small[index]
        )


# --- questions


def _repurchase(memory: Any) -> Iterator[Row]:
    for name, (start, end) in PERIODS.items():
        duck = partial(plain_answers.by_duckdb, memory, start, end)
        plain = partial(plain_answers.by_plain_sql, start, end)
        ours = partial(_by_store, start, end)
        fresh = spent(ours, times=1, before=forget_connection)
        if not duck() == plain() == ours():
            raise AssertionError(f"The three answers for {name} differ.")
        others = {"DuckDB, rows in memory": best_ms(duck), "plain SQL over visits": best_ms(plain, 2)}
        yield from _stages(f"M1 by store, {name}", ours, others, keeps=is_standard(start, end), fresh=fresh)


def _of_headquarters(memory: Any) -> dict[str, float]:
    """Milliseconds in which DuckDB counts what their pages show, of the year and the year before, as we do."""
    plain_answers.with_places(memory, {pk: (place.region, place.city) for pk, place in places_on(YEAR[0]).items()})
    as_of = Data().completeness.as_of
    if as_of is None:
        raise AssertionError("There is no complete day.")
    years = (YEAR, (date(2024, 1, 1), date(2025, 1, 1)))
    questions: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
        "Overview": (partial(plain_answers.totals_by_duckdb, memory), _totals),
        "Table of places": (partial(plain_answers.places_by_duckdb, memory), _places),
        "Cohorts page": (partial(plain_answers.cohorts_by_duckdb, memory, as_of=as_of), _cohorts),
    }
    for name, (theirs, ours) in questions.items():
        for year in years:
            if theirs(*year) != ours(*year):
                raise AssertionError(f"{name}: the two answers for {year[0]:%Y} differ.")
    return {
        name: best_ms(lambda theirs=theirs: [theirs(*year) for year in years], 3)  # type: ignore[misc]
        for name, (theirs, _ours) in questions.items()
    }


def _totals(start: date, end: date) -> tuple[int, ...]:
    data = Data()
    volumes, rate, segments = (
        grouped_counts(Question(metric=code, start=start, end=end), data).total()
        for code in ("volumes", "repurchase_rate", "value_segments")
    )
    figures = tuple(volumes.counts[name] for name in ("visits", "clients", "new_clients"))
    of_value = segments.counts["mid_clients"] + segments.counts["high_clients"]
    return (*figures, rate.counts["repeat_clients"], of_value)


def _places(start: date, end: date) -> dict[tuple[str, ...], tuple[int, int]]:
    ids = {code: str(pk) for code, pk in Store.objects.values_list("code", "pk")}
    table = place_table(
        Question(start=start, end=end), "region", [COLUMNS["repurchase_rate"], COLUMNS["clients"]], Data()
    )
    found = {}
    for one in table.rows:
        path = (*one.path[:2], *(ids[code] for code in one.path[2:]))
        clients, rate = one.values["clients"].value or 0, one.values["repurchase_rate"].value or 0
        found[path] = (int(clients), round(clients * rate))
    return found


def _cohorts(start: date, end: date) -> dict[tuple[str, int], int]:
    details = answer(Question(metric="cohorts", start=start, end=end)).total.details["cohorts"]
    returned = {(one["month"], cell["column"]): cell["returned"] for one in details for cell in one["cells"]}
    returned = {key: clients for key, clients in returned.items() if clients}
    return {**returned, **{(one["month"], 0): one["clients"] for one in details}}


def _by_store(start: date, end: date) -> plain_answers.Repurchase:
    found = grouped_counts(Question(start=start, end=end, by="store"), Data()).by_group
    return {int(store): (one.clients, one.counts["repeat_clients"]) for store, one in found.items()}


def _breakdowns() -> Iterator[Row]:
    for by in ("staff", "member_tier", "category"):
        question = Question(start=YEAR[0], end=YEAR[1], by=by)  # type: ignore[arg-type]
        yield from _stages(f"M1 by {by}, a calendar year", partial(answer, question), {}, keeps=True)


def _return_within(memory: Any) -> Iterator[Row]:
    for name, (start, end) in PERIODS.items():
        question = Question(metric="return_within", start=start, end=end, by="store", within=WITHIN)
        fresh = spent(partial(answer, question), times=1, before=forget_connection)
        clients = plain_answers.followed(memory, start, end, Data().completeness.as_of or end)
        _compare(question, clients)
        lifelines = one_ms(partial(plain_answers.by_lifelines, clients, WITHIN))
        others = {"lifelines, clients by store in memory": lifelines, ALLOWED: ALLOWED_RETURN_MS}
        yield from _stages(f"M2 by store, {name}", partial(answer, question), others, keeps=False, fresh=fresh)


def _compare(question: Question, clients: plain_answers.Followed) -> None:
    """Raises AssertionError where our rates or intervals are not those of lifelines."""
    codes = dict(Store.objects.values_list("code", "id"))
    rates = plain_answers.by_lifelines(clients, WITHIN)
    for group in answer(question).groups:
        ours = (group.value, *(group.ci95 or ()))
        theirs = rates[codes[group.key]]
        if len(clients[codes[group.key]][0]) != group.clients or any(
            one is None or abs(one - other) > 1e-9 for one, other in zip(ours, theirs, strict=True)
        ):
            raise AssertionError(f"{group.key}: {ours} is not {theirs}.")


def _stages(
    name: str, ask: Callable[[], object], others: dict[str, float], *, keeps: bool, fresh: Spent | None = None
) -> Iterator[Row]:
    """The first answer beside others' on the same rows; the later ones beside the first; the memory of a fresh one."""
    first = spent(ask, before=forget_counts)
    for than, alternative in others.items():
        yield row(f"{name}, first answer", first.best, "ms", than=than, alternative=alternative, cpu=first.cpu)
    kept = {"from kept counts": spent(ask, before=forget_cached)} if keeps else {}
    again: dict[str, Spent] = {**kept, "from the cache": spent(ask)}
    for stage, found in again.items():
        yield row(f"{name}, {stage}", found.best, "ms", than="first answer", alternative=first.best, cpu=found.cpu)
    if fresh is not None:
        own, backend = fresh.memory
        yield row(f"Memory of {name}, first answer", own, "MB", than="the database's backend", alternative=backend)


# --- recording


def _record() -> tuple[float, float]:
    """Milliseconds of one visit recorded, and of keeping the facts current in it: 95th percentiles."""
    user = User.objects.create(email="bench@bench.test", role=User.Role.HQ)
    store, hair = Store.objects.get(code="S001"), ServiceCategory.objects.first()
    answer(Question(start=YEAR[0], end=YEAR[1]))
    # From the most frequent to those who come once.
    step = Client.objects.count() // RECORDED
    clients = list(Client.objects.filter(id__in=[1 + step * number for number in range(RECORDED)]))
    on_facts: list[float] = []

    def timed(*args: Any) -> None:
        on_facts.append(one_ms(partial(refresh.refresh_clients, *args)))

    def record(client: Client, number: int) -> None:
        record_visit(
            acting_user=user,
            store=store,
            client=client,
            day=date(2025, 6, 1) + timedelta(days=number % 90),
            lines=[NewLine(amount=Decimal(100), category=hair), NewLine(amount=Decimal(50), category=hair)],
        )

    record(clients[0], 0)
    with patch.object(receivers, "refresh_clients", timed):
        times = [one_ms(partial(record, client, number)) for number, client in enumerate(clients)]
    return percentile(times, 0.95), percentile(on_facts, 0.95)
