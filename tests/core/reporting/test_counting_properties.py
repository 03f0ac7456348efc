"""Whatever happens to visits, the facts answer M1 as plain counting over the visits does."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import TypeVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.accounts.models import User
from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.imports.services.results import ImportRefused
from core.membership.models import MemberTier
from core.membership.services.tiers import grant_tier
from core.profiles.services.editing import FIELDS, change_client
from core.reporting.answers import answer
from core.reporting.completeness import anonymous_line_share, completeness
from core.reporting.facts import period_cache
from core.reporting.question import BASES, BREAKDOWNS, SCOPES, Question
from core.staff.models import StaffMember
from core.stores.models import Store, StoreGroup
from core.stores.services.groups import add_stores
from core.stores.services.stores import open_store, relocate_store
from core.visits.models import Visit, VisitLine
from core.visits.services.lines import NewLine
from core.visits.services.visits import move_visit, record_visit, replace_lines, return_line, void_visit
from tenants.models import Chain
from tests.core.reporting.kept_facts import kept_facts
from tests.core.reporting.plain import Sums, plain_anonymous_share, plain_m1, plain_m2, plain_sums
from tests.core.reporting.reading_once import reading_once

T = TypeVar("T")
FIRST_DAY = date(2024, 12, 20)
# A month, a year, twelve months (all kept as sums) and a period that is none of them.
PERIODS = [
    (date(2025, 1, 1), date(2025, 2, 1)),
    (date(2025, 1, 1), date(2026, 1, 1)),
    (date(2024, 2, 1), date(2025, 2, 1)),
    (date(2024, 12, 25), date(2025, 1, 10)),
    (date(2024, 11, 30), date(2025, 2, 2)),
    (date(2025, 1, 3), date(2025, 1, 20)),
]


@dataclass
class Cast:
    user: User
    stores: list[Store]
    staff: list[StaffMember]
    categories: list[ServiceCategory]
    services: list[Service]
    clients: list[Client]
    tiers: list[MemberTier]

    @classmethod
    def assembled(cls, user: User) -> "Cast":
        places = [("b", "X", "一线", "E"), ("B", "Y", "一线", "W"), ("a", "Z", "二线", "E"), ("é", "", "", "")]
        stores = [open_store(code=c, name=c, city=city, city_tier=t, region=r) for c, city, t, r in places]
        categories = [ServiceCategory.objects.create(name=name) for name in ("f", "g", "h")]
        return cls(
            user,
            stores,
            [StaffMember.objects.create(code=f"s{i}", name="", store=stores[i]) for i in range(4)],
            categories,
            [Service.objects.create(code=code, name=code, category=categories[0]) for code in ("cut", "perm")],
            [Client.objects.create(ref=str(i)) for i in range(4)],
            list(MemberTier.objects.all()[:2]),
        )


class Events:
    """What can happen; each is drawn and done at once."""

    def __init__(self, cast: Cast, data: st.DataObject) -> None:
        self.cast = cast
        self.data = data

    def pick(self, *options: T) -> T:
        return self.data.draw(st.sampled_from(options))

    def day(self) -> date:
        return FIRST_DAY + timedelta(days=self.data.draw(st.integers(0, 45)))

    def client(self) -> Client | None:
        return self.pick(*self.cast.clients, None)

    def store(self) -> Store:
        return self.pick(*self.cast.stores)

    def start(self) -> time:
        return self.pick(time(0), time(9), time(10))

    def lines(self) -> list[NewLine]:
        return [self.line() for _ in range(self.data.draw(st.integers(1, 3)))]

    def line(self) -> NewLine:
        quantity = Decimal(self.pick(1, 1, 2, -1))
        service = self.pick(None, *self.cast.services)
        own = self.pick(*self.cast.categories)
        return NewLine(
            amount=Decimal(self.pick(0, 5, 10)) if quantity > 0 else Decimal(-5),
            quantity=quantity,
            service=service,
            category=self.pick(own, None) if service else own,
            staff=self.pick(*self.cast.staff, None),
            paid_by_card=self.pick(0, 0, 1) == 1,
            rating=self.pick(None, None, Decimal("4.9"), Decimal("4.4"), Decimal(0)),
        )

    def visit_id(self) -> int | None:
        visits = list(Visit.objects.filter(voided_at=None).order_by("id").values_list("id", flat=True))
        return self.pick(*visits) if visits else None

    def record(self) -> None:
        record_visit(
            acting_user=self.cast.user,
            store=self.store(),
            client=self.client(),
            day=self.day(),
            start_time=self.start(),
            lines=self.lines(),
        )

    def move(self) -> None:
        if visit := self.visit_id():
            move_visit(
                acting_user=self.cast.user,
                visit_id=visit,
                client=self.client(),
                store=self.store(),
                day=self.day(),
                start_time=self.start(),
            )

    def void(self) -> None:
        if visit := self.visit_id():
            void_visit(acting_user=self.cast.user, visit_id=visit)

    def correct(self) -> None:
        if visit := self.visit_id():
            replace_lines(acting_user=self.cast.user, visit_id=visit, lines=self.lines())

    def give_back(self) -> None:
        lines = VisitLine.objects.filter(quantity__gt=0, visit__voided_at=None).select_related("visit").order_by("id")
        if lines:
            line = self.pick(*lines)
            return_line(
                acting_user=self.cast.user,
                line_id=line.pk,
                day=max(line.visit.day, self.day()),
                quantity=Decimal(1),
                amount=Decimal(5),
            )

    def grant(self) -> None:
        client = self.pick(*self.cast.clients)
        tier = self.pick(*self.cast.tiers)
        grant_tier(client=client, tier=tier, valid_from=self.day())

    def rejoin(self) -> None:
        """The record turns out to have been opened on another day: by page, or by a file."""
        client, day = self.pick(*self.cast.clients), self.pick(None, self.day())
        if day and self.pick("page", "file") == "file":
            self.imported("clients", ["client_ref,joined_on", f"{client.ref},{day}"])
            return
        client.refresh_from_db()
        values = {name: getattr(client, name) for name in FIELDS}
        change_client(client_id=client.pk, values={**values, "joined_on": day}, acting_user=self.cast.user)

    def relocate(self) -> None:
        tier = self.pick("一线", "三线")
        relocate_store(store=self.store(), valid_from=self.day(), city="Q", city_tier=tier, region="N")

    def regroup(self) -> None:
        """A store joins one of the chain's own groups, for some days or for good; never two at a time."""
        store, since, until = self.store(), self.day(), self.pick(None, FIRST_DAY + timedelta(days=50))
        if not any(member.overlaps(since, until) for member in store.group_members.all()):
            group, _made = StoreGroup.objects.get_or_create(name=self.pick("east", "pilot"))
            add_stores(group_id=group.pk, codes=[store.code], joined_on=since, left_on=until)

    def bring_in(self) -> None:
        """A file of whole days or of receipts; known visits are replaced. Returns and anonymous lines are among it."""
        receipts = self.pick("yes", "no")
        whose = "visit_ref,store_code,client_ref,started_at,staff_code"
        rows = [f"{whose},amount,quantity,category,service_code,paid_by_card,rating"]
        for number in range(self.data.draw(st.integers(1, 6))):
            client = self.pick(*self.cast.clients, None)
            staff = self.pick(*self.cast.staff, None)
            quantity = self.pick(1, 1, 2, -1)
            cells = (
                number if receipts == "yes" else "",
                self.store().code,
                client.ref if client else "",
                self.day(),
                staff.code if staff else "",
                self.pick(0, 5, 10) if quantity > 0 else -5,
                quantity,
                self.pick("", *(category.name for category in self.cast.categories)),
                self.pick("", *(service.code for service in self.cast.services)),
                self.pick("no", "no", "yes"),
                self.pick("", "4.9", "4.7"),
            )
            rows.append(",".join(map(str, cells)))
        with suppress(ImportRefused):  # Where a receipt's rows give two dates.
            self.imported("visits", rows, {} if receipts == "yes" else {"visit_ref": "-"})

    def recategorise(self) -> None:
        categories = [self.pick(*self.cast.categories).name for _service in self.cast.services]
        rows = [f"{one.code},{one.name},{name}" for one, name in zip(self.cast.services, categories, strict=True)]
        self.imported("services", ["service_code,name,category", *rows])

    @staticmethod
    def imported(kind: str, rows: list[str], mapping: Mapping[str, str] | None = None) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
            file.write("\n".join(rows) + "\n")
            file.flush()
            import_file(kind=kind, source=Path(file.name), options=ImportOptions(mapping=mapping or {}))

    def look(self) -> None:
        """A period asked for is kept from then on, and must stay right."""
        for start, end in PERIODS:
            answer(Question(start=start, end=end, basis=self.pick(*BASES)))

    def merge(self) -> None:
        period_cache.fold()


NAMES = (
    ("record",) * 8
    + ("bring_in",) * 3
    + ("recategorise",) * 2
    + ("regroup",) * 2
    + ("move", "move", "void", "correct", "give_back", "grant", "rejoin", "rejoin", "relocate", "look", "look", "merge")
)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_facts_answer_as_plain_counting_does(chain: Chain, hq_user: User, data: st.DataObject) -> None:
    with undone():
        events = Events(Cast.assembled(hq_user), data)
        for name in data.draw(st.lists(st.sampled_from(NAMES), min_size=5, max_size=25)):
            getattr(events, name)()
        assert kept_sums() == plain_sums()
        for start, end in PERIODS:
            assert anonymous_line_share(start, end) == plain_anonymous_share(start=start, end=end), (start, end)
        start, end = data.draw(st.sampled_from(PERIODS))
        category = data.draw(st.sampled_from([None, None, "f"]))
        with reading_once():
            for by, scope, basis in product(BREAKDOWNS, SCOPES, BASES):
                question = Question(start=start, end=end, by=by, scope=scope, basis=basis, category=category)
                assert counted(question) == plainly(question), question
                followed = replace(question, metric="return_within", within=data.draw(st.sampled_from([30, 90])))
                assert counted_returns(followed) == plain_returns(followed), followed


def counted_returns(question: Question) -> dict[str, tuple[int, ...]]:
    names = ("returned", "followed", "not_mature")
    return {g.key: (g.clients, *(g.counts[name] for name in names)) for g in answer(question).groups if g.clients}


def plain_returns(question: Question) -> dict[str, tuple[int, ...]]:
    data, within = completeness(), question.within or 0
    if data.as_of is None:
        return {}
    groups = plain_m2(
        start=question.start,
        end=question.end,
        by=question.by,
        scope=question.scope,
        basis=question.basis,
        as_of=data.as_of,
        stale=data.stale_stores,
        category=question.category,
    )
    return {
        key: (
            len(clients),
            sum(client.gap is not None and client.gap <= within for client in clients),
            sum(client.days >= within for client in clients),
            sum(client.days < within for client in clients),
        )
        for key, clients in groups.items()
    }


def kept_sums() -> dict[tuple[int, str | None, date, int], Sums]:
    names: dict[int, str | None] = {category.pk: category.name for category in ServiceCategory.objects.all()}
    return {
        (fact.client_id, names.get(fact.category_id), fact.day, fact.store_id): Sums(
            fact.net_revenue, fact.consumed_value, fact.ratings, fact.rating_count, fact.visits, fact.is_visit
        )
        for fact in kept_facts()
    }


def counted(question: Question) -> dict[str, tuple[int, ...]]:
    same = [f"repeat_same_{what}" for what in ("store", "tier", "staff")]
    report = answer(question)
    if report.additive:
        assert sum(group.clients for group in report.groups) == report.total.clients
        assert sum(group.counts["repeat_clients"] for group in report.groups) == report.total.counts["repeat_clients"]
    return {g.key: (g.clients, g.counts["repeat_clients"], *(g.counts[name] for name in same)) for g in report.groups}


def plainly(question: Question) -> dict[str, tuple[int, ...]]:
    counts = plain_m1(
        start=question.start,
        end=question.end,
        by=question.by,
        scope=question.scope,
        basis=question.basis,
        category=question.category,
    )
    staff = question.by == "staff"
    return {
        key: (c.clients, c.repeats, c.same_store, c.same_tier, c.same_staff if staff else 0)
        for key, c in counts.items()
    }


def test_the_plain_count_itself_tells_right_from_wrong(chain: Chain, hq_user: User) -> None:
    """Two days are a repeat; two visits on one day are not."""
    cast = Cast.assembled(hq_user)
    line = NewLine(amount=Decimal(5), category=cast.categories[0])
    for client, days in ((cast.clients[0], (1, 2)), (cast.clients[1], (1, 1))):
        for day in days:
            record_visit(acting_user=hq_user, store=cast.stores[0], client=client, day=date(2025, 1, day), lines=[line])
    question = Question(start=date(2025, 1, 1), end=date(2025, 2, 1))
    assert plainly(question) == {"all": (2, 1, 1, 0, 0)}
    assert answer(question).total.value == pytest.approx(0.5)
