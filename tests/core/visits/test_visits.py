"""Changes of visits: what each refuses, and that a refused one changes nothing."""

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.catalogue.models import UNCATEGORISED, Service, ServiceCategory
from core.clients.models import Client
from core.reporting.models import ClientFacts, FactBlock, StoreDay
from core.shared.errors import AppError
from core.stores.models import Store
from core.stores.services.stores import close_store, open_store, reopen_store
from core.visits.models import Visit, VisitLine
from core.visits.services.lines import NewLine
from core.visits.services.visits import (
    local_today,
    move_visit,
    record_visit,
    replace_lines,
    return_line,
    void_visit,
)
from tenants.models import Chain
from tests.core.reporting.kept_facts import kept_facts
from tests.plugins.chains import make_user

DAY = date(2025, 3, 4)
NO_VISIT = ("There is no such visit, or it is void.", 404)
NO_LINE = ("There is no such line.", 404)
NO_CLIENT = ("A record that this visit names has been removed in the meantime. Choose another.", 409)


@pytest.fixture
def salon_client(store: Store) -> Client:
    return Client.objects.create(ref="C1")


@pytest.fixture
def elsewhere(store: Store) -> Store:
    return open_store(code="S002", name="Acme Two", city="武汉", city_tier="二线", region="华中")


def line(**changes: Any) -> NewLine:
    return NewLine(**{"amount": Decimal(100), **changes})


def state() -> tuple[Any, ...]:
    facts = list(ClientFacts.objects.order_by("client_id").values_list())
    blocks = list(FactBlock.objects.order_by("id").values_list("id"))
    return list(Visit.objects.values_list()), list(VisitLine.objects.values_list()), facts, blocks


def refused(action: Callable[[], object]) -> AppError:
    before = state()
    with pytest.raises(AppError) as caught:
        action()
    assert state() == before
    return caught.value


def test_a_visit_becomes_a_fact(manager_user: User, store: Store, salon_client: Client) -> None:
    visit = record_visit(acting_user=manager_user, store=store, client=salon_client, day=DAY, lines=[line()])
    (fact,) = kept_facts(whole_days=True)
    assert (fact.client_id, fact.store_id, fact.day) == (salon_client.pk, store.pk, DAY)
    assert visit.lines.get().current_category.name == UNCATEGORISED
    assert StoreDay.objects.get().lines == 1


def test_a_line_follows_the_category_of_its_service(manager_user: User, store: Store, salon_client: Client) -> None:
    category = ServiceCategory.objects.create(name="面部护理")
    service = Service.objects.create(code="F1", name="Facial", category=category)
    visit = record_visit(
        acting_user=manager_user, store=store, client=salon_client, day=DAY, lines=[line(service=service)]
    )
    assert visit.lines.get().current_category == category


def test_an_anonymous_visit_counts_lines_and_no_client(manager_user: User, store: Store) -> None:
    record_visit(acting_user=manager_user, store=store, client=None, day=DAY, lines=[line(), line()])
    assert not kept_facts()
    assert StoreDay.objects.values_list("lines", "anonymous_lines").get() == (2, 2)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"lines": []}, "no_lines", "lines"),
        ({"lines": [line(quantity=Decimal(0))]}, "zero_quantity", "quantity"),
        ({"lines": [line(quantity=Decimal(-1))]}, "return_amount", "amount"),
        ({"lines": [line(kind="gift")]}, "unknown_kind", "kind"),
        ({"lines": [line(rating=Decimal(6))]}, "rating_range", "rating"),
        ({"day": date(1949, 12, 31)}, "absurd_day", "day"),
    ],
)
def test_what_cannot_be_is_refused(
    manager_user: User, store: Store, salon_client: Client, changes: dict[str, Any], code: str, field: str
) -> None:
    asked = {"store": store, "client": salon_client, "day": DAY, "lines": [line()], **changes}
    error = refused(lambda: record_visit(acting_user=manager_user, **asked))
    assert (error.code, error.field) == (code, field)


def test_a_day_to_come_is_refused(manager_user: User, store: Store, salon_client: Client) -> None:
    tomorrow = local_today(store) + timedelta(days=1)
    error = refused(
        lambda: record_visit(acting_user=manager_user, store=store, client=salon_client, day=tomorrow, lines=[line()])
    )
    assert error.code == "future_day"


def test_a_manager_works_in_the_own_stores_only(
    manager_user: User, hq_user: User, store: Store, elsewhere: Store, salon_client: Client
) -> None:
    theirs = record_visit(acting_user=hq_user, store=elsewhere, client=salon_client, day=DAY, lines=[line()])
    own = record_visit(acting_user=manager_user, store=store, client=salon_client, day=DAY, lines=[line()])
    where: dict[str, Any] = {"client": salon_client, "day": DAY, "start_time": own.start_time}
    attempts: list[Callable[[], object]] = [
        lambda: record_visit(acting_user=manager_user, store=elsewhere, client=None, day=DAY, lines=[line()]),
        lambda: move_visit(acting_user=manager_user, visit_id=own.pk, store=elsewhere, **where),
        lambda: move_visit(acting_user=manager_user, visit_id=theirs.pk, store=store, **where),
        lambda: void_visit(acting_user=manager_user, visit_id=theirs.pk),
        lambda: replace_lines(acting_user=manager_user, visit_id=theirs.pk, lines=[line()]),
        lambda: return_line(
            acting_user=manager_user, line_id=theirs.lines.get().pk, day=DAY, quantity=Decimal(1), amount=Decimal(1)
        ),
    ]
    assert [refused(attempt).status for attempt in attempts] == [403] * len(attempts)


def test_what_belongs_to_another_chain_is_not_there(
    hq_user: User, store: Store, salon_client: Client, other_chain: Chain
) -> None:
    own = record_visit(acting_user=hq_user, store=store, client=salon_client, day=DAY, lines=[line()])
    taken = {own.pk, salon_client.pk, own.lines.get().pk}
    with tenant_context(other_chain):
        theirs, client = visit_with_other_ids(taken)
        their_line, their_state = theirs.lines.get().pk, state()
    where: dict[str, Any] = {"store": store, "day": DAY, "start_time": own.start_time}
    once = {"quantity": Decimal(1), "amount": Decimal(1)}
    attempts: list[tuple[Callable[[], object], tuple[str, int]]] = [
        (lambda: void_visit(acting_user=hq_user, visit_id=theirs.pk), NO_VISIT),
        (lambda: replace_lines(acting_user=hq_user, visit_id=theirs.pk, lines=[line()]), NO_VISIT),
        (lambda: move_visit(acting_user=hq_user, visit_id=theirs.pk, client=salon_client, **where), NO_VISIT),
        (lambda: return_line(acting_user=hq_user, line_id=their_line, day=DAY, **once), NO_LINE),
        (lambda: move_visit(acting_user=hq_user, visit_id=own.pk, client=client, **where), NO_CLIENT),
        (lambda: record_visit(acting_user=hq_user, client=client, lines=[line()], **where), NO_CLIENT),
    ]
    for attempt, said in attempts:
        error = refused(attempt)
        assert (str(error.message), error.status) == said
    with tenant_context(other_chain):
        assert state() == their_state


def visit_with_other_ids(taken: set[int]) -> tuple[Visit, Client]:
    """In the chain entered; none of its ids is one of those."""
    user = make_user("hq@other.test", role=User.Role.HQ)
    store = open_store(code="S1", name="Theirs", city="上海", city_tier="一线", region="华东")
    while True:
        client = Client.objects.create(ref=f"C{Client.objects.count()}")
        visit = record_visit(acting_user=user, store=store, client=client, day=DAY, lines=[line()])
        if taken.isdisjoint({visit.pk, client.pk, visit.lines.get().pk}):
            return visit, client


def test_who_is_neither_hq_nor_manager_or_has_left_works_nowhere(store: Store, salon_client: Client) -> None:
    operator = make_user("operator@acme.test", role=User.Role.OPERATOR)
    gone = make_user("gone@acme.test", role=User.Role.HQ)
    gone.is_active = False
    gone.save()
    for user in (operator, gone):
        error = refused(
            lambda user=user: record_visit(acting_user=user, store=store, client=None, day=DAY, lines=[line()])
        )
        assert error.status == 403


def test_a_void_visit_counts_no_more_and_cannot_be_changed(
    manager_user: User, store: Store, salon_client: Client
) -> None:
    visit = record_visit(acting_user=manager_user, store=store, client=salon_client, day=DAY, lines=[line()])
    void_visit(acting_user=manager_user, visit_id=visit.pk)
    assert not kept_facts()
    assert StoreDay.objects.get().lines == 0
    assert refused(lambda: void_visit(acting_user=manager_user, visit_id=visit.pk)).status == 404


def test_a_moved_visit_leaves_nothing_behind(
    hq_user: User, store: Store, elsewhere: Store, salon_client: Client
) -> None:
    other = Client.objects.create(ref="C2")
    visit = record_visit(acting_user=hq_user, store=store, client=salon_client, day=DAY, lines=[line()])
    new_day = DAY + timedelta(days=1)
    move_visit(
        acting_user=hq_user, visit_id=visit.pk, client=other, store=elsewhere, day=new_day, start_time=visit.start_time
    )
    (fact,) = kept_facts(whole_days=True)
    assert (fact.client_id, fact.store_id, fact.day) == (other.pk, elsewhere.pk, new_day)
    assert dict(StoreDay.objects.values_list("store_id", "lines")) == {store.pk: 0, elsewhere.pk: 1}


def test_a_return_leaves_the_visit_a_visit(manager_user: User, store: Store, salon_client: Client) -> None:
    visit = record_visit(acting_user=manager_user, store=store, client=salon_client, day=DAY, lines=[line()])
    sold = visit.lines.get()
    returned = return_line(
        acting_user=manager_user, line_id=sold.pk, day=DAY + timedelta(days=5), quantity=Decimal(1), amount=Decimal(100)
    )
    assert returned.lines.values_list("quantity", "amount").get() == (Decimal(-1), Decimal(-100))
    days = [(fact.day, fact.is_visit, fact.net_revenue) for fact in kept_facts(whole_days=True)]
    assert days == [(DAY, True, 10_000), (DAY + timedelta(days=5), False, -10_000)]


@pytest.mark.parametrize(
    ("days_later", "quantity", "code"), [(0, 2, "return_quantity"), (0, 0, "return_quantity"), (-1, 1, "return_day")]
)
def test_no_more_and_no_earlier_comes_back(
    manager_user: User, store: Store, salon_client: Client, days_later: int, quantity: int, code: str
) -> None:
    visit = record_visit(acting_user=manager_user, store=store, client=salon_client, day=DAY, lines=[line()])
    error = refused(
        lambda: return_line(
            acting_user=manager_user,
            line_id=visit.lines.get().pk,
            day=DAY + timedelta(days=days_later),
            quantity=Decimal(quantity),
            amount=Decimal(1),
        )
    )
    assert error.code == code


# --- a store that is closed


def test_a_closed_store_takes_visits_before_its_closing_day_alone(
    hq_user: User, manager_user: User, store: Store, salon_client: Client
) -> None:
    def recorded(day: date) -> Visit:
        return record_visit(acting_user=manager_user, store=store, client=salon_client, day=day, lines=[line()])

    close_store(code=store.code, closed_on=DAY, acting_user=hq_user)
    for day in (DAY, DAY + timedelta(days=1)):
        error = refused(lambda day=day: recorded(day))
        assert (error.code, error.field, error.status) == ("store_closed", "day", 400)
        assert str(error.message) == "“Acme One” has been closed since 4 Mar 2025 and takes no visits from then on."
    assert recorded(DAY - timedelta(days=1)).day < DAY
    reopen_store(code=store.code, acting_user=hq_user)
    assert recorded(DAY).day == DAY


def test_no_visit_is_moved_or_returned_into_a_closed_store(
    hq_user: User, store: Store, elsewhere: Store, salon_client: Client
) -> None:
    visit = record_visit(acting_user=hq_user, store=store, client=salon_client, day=DAY, lines=[line()])
    late = record_visit(acting_user=hq_user, store=elsewhere, client=None, day=DAY, lines=[line()])
    close_store(code=elsewhere.code, closed_on=DAY, acting_user=hq_user)
    day_before = DAY - timedelta(days=1)

    def moved(visit: Visit, to: Store, day: date, client: Client | None = None) -> Visit:
        return move_visit(acting_user=hq_user, visit_id=visit.pk, client=client, store=to, day=day, start_time=time(9))

    assert refused(lambda: moved(visit, elsewhere, DAY)).code == "store_closed"
    assert moved(visit, elsewhere, day_before).store == elsewhere
    assert refused(lambda: moved(visit, elsewhere, DAY)).code == "store_closed"
    # What was there when it closed can be corrected where it stands, and taken out.
    assert moved(late, elsewhere, DAY, salon_client).client == salon_client
    sold = late.lines.get().pk
    returning = {"acting_user": hq_user, "line_id": sold, "quantity": Decimal(1), "amount": Decimal(100)}
    assert refused(lambda: return_line(day=DAY, **returning)).code == "store_closed"
    replace_lines(acting_user=hq_user, visit_id=late.pk, lines=[line(amount=Decimal(90))])
    assert void_visit(acting_user=hq_user, visit_id=late.pk).voided_at
