"""Facts and kept counts under real concurrent connections."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from core.accounts.models import User
from core.clients.models import Client
from core.reporting.answers import answer
from core.reporting.facts import period_cache
from core.reporting.models import CachedPeriod, StoreDay
from core.reporting.question import Question
from core.stores.models import Store
from core.stores.services.stores import open_store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.core.reporting.plain import plain_m1
from tests.plugins.at_once import at_once
from tests.plugins.chains import make_user

YEAR = Question(start=date(2025, 1, 1), end=date(2026, 1, 1))


def recorder(user: User, store: Store, client: Client, days: list[date]) -> Callable[[], None]:
    def record() -> None:
        for day in days:
            record_visit(acting_user=user, store=store, client=client, day=day, lines=[NewLine(amount=Decimal(10))])

    return record


def test_visits_of_one_client_recorded_at_once_are_all_counted(committed_chain: Chain) -> None:
    user, store, client = _people()
    first = date(2025, 1, 1)
    answer(YEAR)
    assert CachedPeriod.objects.count() == 1
    recorders = [recorder(user, store, client, [first + timedelta(days=8 * i + n) for i in range(6)]) for n in range(4)]
    assert not any(at_once(*recorders, chain=committed_chain))
    _same_as_plain()
    assert sum(StoreDay.objects.values_list("lines", flat=True)) == 24


def test_a_period_first_asked_for_while_visits_come_in_stays_right(committed_chain: Chain) -> None:
    user, store, _client = _people()
    clients = [Client.objects.create(ref=f"R{i}") for i in range(3)]

    def ask() -> None:
        for month in range(1, 12):
            answer(Question(start=date(2025, month, 1), end=date(2025, month + 1, 1)))
            answer(YEAR)

    def merge() -> None:
        for _ in range(10):
            period_cache.fold()

    writers = [recorder(user, store, client, [date(2025, 1 + n % 11, 3 + n) for n in range(12)]) for client in clients]
    assert not any(at_once(*writers, ask, merge, chain=committed_chain))
    _same_as_plain()
    for month in range(1, 12):
        _same_as_plain(Question(start=date(2025, month, 1), end=date(2025, month + 1, 1)))


def test_while_someone_writes_the_facts_answer_and_nothing_is_kept(committed_chain: Chain) -> None:
    user, store, client = _people()
    recorder(user, store, client, [date(2025, 1, 1), date(2025, 1, 9)])()
    answers: list[int] = []

    def ask_meanwhile() -> None:
        answers.append(answer(YEAR).total.counts["repeat_clients"])
        answers.append(CachedPeriod.objects.count())

    with transaction.atomic():
        period_cache.hold_writers_lock()
        assert not any(at_once(ask_meanwhile, chain=committed_chain))
    assert answers == [1, 0]


def _people() -> tuple[User, Store, Client]:
    user = make_user("hq@busy.test", role=User.Role.HQ)
    store = open_store(code="A", name="A", city="X", city_tier="一线", region="E")
    return user, store, Client.objects.create(ref="1")


def _same_as_plain(question: Question = YEAR) -> None:
    report = answer(question)
    counts = plain_m1(start=question.start, end=question.end, by="none", scope="chain", basis="visit")
    plain = counts.get("all")
    assert (report.total.clients, report.total.counts["repeat_clients"]) == (
        (plain.clients, plain.repeats) if plain else (0, 0)
    )
