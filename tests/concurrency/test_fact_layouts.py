"""A layout of facts is built, by builders that are killed, while visits change: answers equal plain counting."""

import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Event
from time import monotonic, sleep

import pytest
from django.db import connection, transaction

from core.accounts.models import User
from core.clients.models import Client
from core.reporting.answers import answer
from core.reporting.facts.building import build_layout
from core.reporting.facts.layout import LAYOUTS
from core.reporting.facts.refresh import refresh_all, refresh_clients
from core.reporting.models import ClientFacts, FactBlock, FactLayout
from core.reporting.question import Question
from core.stores.models import Store
from core.stores.services.stores import open_store
from core.visits.models import Visit
from core.visits.services.lines import NewLine
from core.visits.services.visits import move_visit, record_visit, void_visit
from tenants.models import Chain
from tests.core.reporting.plain import plain_m1
from tests.core.reporting.stored_sums import stored_sums, visit_sums, without_amounts
from tests.plugins import server
from tests.plugins.at_once import at_once
from tests.plugins.chains import make_user

# Not a standard one: those are looked at once all is done, since what is kept of them is no snapshot's.
PERIOD = Question(start=date(2025, 1, 2), end=date(2025, 12, 1))
YEAR = Question(start=date(2025, 1, 1), end=date(2026, 1, 1))
CLIENTS, VISITS = 12, 40
# Seconds between two changes of one writer.
PAUSE = 0.02
# Seconds that one look takes at most.
A_LOOK = 30


class Salon:
    """A chain's visits, and what happens to them at random."""

    def __init__(self, seed: int) -> None:
        self.user = make_user(f"hq{seed}@layouts.test", role=User.Role.HQ)
        self.store = Store.objects.first() or open_store(code="A", name="A", city="X", city_tier="一线", region="E")
        self.random = random.Random(seed)

    def record(self) -> None:
        client = self.random.choice(Client.objects.order_by("id"))
        lines = [NewLine(amount=Decimal(self.random.randint(1, 99)), rating=Decimal("4.5"))]
        if not self.random.randrange(4):
            lines = [NewLine(amount=Decimal(-7), quantity=Decimal(-1))]
        record_visit(acting_user=self.user, store=self.store, client=client, day=self.day(), lines=lines)

    def day(self) -> date:
        return date(2025, 1, 1) + timedelta(days=self.random.randrange(360))

    def change(self) -> None:
        visit = self.random.choice(Visit.objects.filter(voided_at=None).order_by("id"))
        if self.random.randrange(3):
            client = self.random.choice(Client.objects.order_by("id"))
            move_visit(
                acting_user=self.user,
                visit_id=visit.pk,
                client=client,
                store=self.store,
                day=self.day(),
                start_time=visit.start_time,
            )
        else:
            void_visit(acting_user=self.user, visit_id=visit.pk)


@pytest.fixture
def salon(committed_chain: Chain) -> Salon:
    Client.objects.bulk_create([Client(ref=f"L{number}") for number in range(CLIENTS)])
    made = Salon(0)
    for _ in range(VISITS):
        made.record()
    return made


@pytest.fixture(params=["a former layout", "no facts"])
def begun(salon: Salon, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the chain has before the layout is built."""
    monkeypatch.setitem(LAYOUTS, 0, without_amounts())  # type: ignore[arg-type]
    ClientFacts.objects.all().delete()
    FactBlock.objects.all().delete()
    FactLayout.objects.all().delete()
    if request.param == "a former layout":
        FactLayout.objects.create(layout=0, is_complete=True)
        refresh_clients(list(Client.objects.values_list("id", flat=True)))


@pytest.mark.slow
def test_answers_stay_right_while_a_layout_is_built(committed_chain: Chain, begun: None) -> None:
    done = Event()
    looked: list[tuple[int, bool]] = []
    writers = [writer(seed, done) for seed in (1, 2)]
    build = until_built(committed_chain.schema_name, looked, done)
    outcomes = at_once(*writers, build, lambda: _look_until(done, looked), chain=committed_chain)
    assert outcomes[:2] == [None, None]
    assert "killed" in outcomes[2]
    assert (max(LAYOUTS), False) in looked, "It was looked at while the layout was built."
    assert FactLayout.objects.values_list("layout", "is_complete").get() == (max(LAYOUTS), True)
    assert not FactBlock.objects.exclude(layout=max(LAYOUTS)).exists()
    for question in (PERIOD, YEAR):
        assert total(question) == plain(question)
    assert stored_sums() == visit_sums()


def test_a_client_still_unseen_when_the_builder_passes_is_not_forgotten(committed_chain: Chain, salon: Salon) -> None:
    FactLayout.objects.all().delete()
    while not FactLayout.objects.exists():
        build_layout()
    with transaction.atomic():
        unseen = Client.objects.create(ref="unseen")
        lines = [NewLine(amount=Decimal(12))]
        record_visit(acting_user=salon.user, store=salon.store, client=unseen, day=date(2025, 3, 1), lines=lines)
        assert at_once(_record_for_another, _build_all, chain=committed_chain) == [None, None]
    assert FactLayout.objects.get().is_complete
    assert stored_sums() == visit_sums()
    assert (unseen.pk, date(2025, 3, 1)) in stored_sums()


def test_the_builder_waits_for_who_changes_a_clients_visits(committed_chain: Chain, salon: Salon) -> None:
    FactLayout.objects.all().delete()
    while not FactLayout.objects.exists():
        build_layout()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            salon.record()
            built = pool.submit(at_once, _build_all, chain=committed_chain)
            sleep(1)
            assert not FactLayout.objects.get().is_complete
        assert built.result(60) == [None]
    assert FactLayout.objects.get().is_complete
    assert stored_sums() == visit_sums()


def test_all_is_derived_anew_while_a_layout_is_built(committed_chain: Chain, salon: Salon) -> None:
    FactLayout.objects.all().delete()
    while not FactLayout.objects.exists():
        build_layout()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            list(Client.objects.order_by("pk").select_for_update())
            built = pool.submit(at_once, _build_all, chain=committed_chain)
            sleep(1)
            refresh_all()
        assert built.result(60) == [None]
    assert FactLayout.objects.get().is_complete
    assert stored_sums() == visit_sums()


def test_who_holds_a_client_records_a_visit_while_all_is_to_be_derived_anew(
    committed_chain: Chain, salon: Salon
) -> None:
    lines = [NewLine(amount=Decimal(12))]
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            client = Client.objects.order_by("pk").select_for_update()[0]
            derived = pool.submit(at_once, transaction.atomic(refresh_all), chain=committed_chain)
            sleep(1)
            record_visit(acting_user=salon.user, store=salon.store, client=client, day=date(2025, 3, 1), lines=lines)
        assert derived.result(60) == [None]
    assert stored_sums() == visit_sums()


def test_facts_of_a_former_layout_are_deleted_without_waiting_for_who_writes_them(
    committed_chain: Chain, salon: Salon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LAYOUTS, 0, without_amounts())  # type: ignore[arg-type]
    FactLayout.objects.create(layout=0, is_complete=True)
    refresh_clients(list(Client.objects.values_list("id", flat=True)))
    former = ClientFacts.objects.filter(layout=0)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        written = former.select_for_update()[0]
        assert pool.submit(at_once, _build_all, chain=committed_chain).result(20) == [None]
        assert former.get().client_id == written.client_id
    _build_all()
    assert not former.exists()


def writer(seed: int, done: Event) -> Callable[[], None]:
    def write() -> None:
        salon = Salon(seed)
        while not done.wait(PAUSE):
            try:
                salon.random.choice([salon.record, salon.change, salon.change])()
            except Exception as error:
                # The other one was quicker with this visit.
                if getattr(error, "code", "") != "unknown_visit":
                    raise

    return write


def until_built(schema: str, looked: list[tuple[int, bool]], done: Event) -> Callable[[], list[str]]:
    """Builders in processes of their own, each killed after a moment, until nothing is left to do; between two of them
    someone looks."""

    def build() -> list[str]:
        moments = random.Random(7)
        command = [sys.executable, "-m", "tests.concurrency.kill_building"]
        outcomes = []
        try:
            with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=server.CHECKOUT
            ) as killer:
                assert killer.stdin
                assert killer.stdout
                while not outcomes or outcomes[-1] == "killed":
                    looks, until = len(looked), monotonic() + A_LOOK
                    while outcomes and len(looked) == looks and monotonic() < until and not done.is_set():
                        sleep(0.05)
                    killer.stdin.write(f"{schema} {moments.uniform(0.05, 0.15 + len(outcomes) / 10)}\n")
                    killer.stdin.flush()
                    outcomes.append(killer.stdout.readline().strip())
        finally:
            done.set()
        return outcomes

    return build


def _look_until(done: Event, looked: list[tuple[int, bool]]) -> None:
    try:
        while not done.is_set():
            looked += _look()
    finally:
        done.set()


def _look() -> list[tuple[int, bool]]:
    """Compares as one moment has it; gives the layouts of that moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert total(PERIOD) == plain(PERIOD)
        assert stored_sums() == visit_sums()
        return list(FactLayout.objects.values_list("layout", "is_complete")) or [(0, False)]


def _record_for_another() -> None:
    salon = Salon(3)
    client = Client.objects.create(ref="after the unseen one")
    record_visit(
        acting_user=salon.user,
        store=salon.store,
        client=client,
        day=date(2025, 4, 1),
        lines=[NewLine(amount=Decimal(9))],
    )


def _build_all() -> None:
    while build_layout():
        pass


def total(question: Question) -> tuple[int, int]:
    found = answer(question).total
    return found.clients, found.counts["repeat_clients"]


def plain(question: Question) -> tuple[int, int]:
    counts = plain_m1(start=question.start, end=question.end, by="none", scope="chain", basis="visit")
    return (counts["all"].clients, counts["all"].repeats) if counts else (0, 0)
