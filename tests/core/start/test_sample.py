"""Sample data: in by the ordinary import, out again without a trace, and never the chain's own with it."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.membership.models import MemberTier
from core.reporting.answers import answer
from core.reporting.completeness import completeness
from core.reporting.models import CachedPeriod, ClientFacts, FactBlock, StoreDay
from core.reporting.question import Question
from core.shared.errors import AppError
from core.staff.models import StaffMember
from core.start.declaration import Action
from core.start.services.sample import has_sample, load_sample, remaining_stores, remove_sample
from core.stores.models import Store, StoreLocation
from core.stores.services.groups import add_stores, create_group
from core.visits.models import Visit, VisitLine
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.plugins.chains import make_user
from tests.plugins.salons import make_salon

EVERYTHING = (
    Store, StoreLocation, StaffMember, Service, ServiceCategory, Client, Visit, VisitLine, MemberTier, ClientFacts,
    FactBlock, CachedPeriod, StoreDay,
)  # fmt: skip


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in EVERYTHING}


@pytest.fixture
def owner(committed_chain: Chain) -> User:
    """Of a chain that has nothing yet; what is done commits."""
    cache.clear()
    return make_user("owner@acme.test", role=User.Role.OWNER)


def load(owner: User) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []
    load_sample(acting_user=owner, on_progress=lambda done, of: told.append((done, of)))
    return told


def last_year() -> Any:
    as_of = completeness().as_of
    assert as_of is not None
    return answer(Question(start=as_of - timedelta(days=364), end=as_of + timedelta(days=1), by="store"))


def test_it_comes_in_and_goes_out_without_a_trace(owner: User) -> None:
    before = counts()
    told = load(owner)
    assert [done for done, _of in told] == list(range(told[-1][1]))
    assert has_sample()
    assert remaining_stores() == []
    assert (Store.objects.count(), 400 < Client.objects.count() < 500) == (3, True)
    assert Visit.objects.latest("day").day > timezone.localdate() - timedelta(days=10)
    report = last_year()
    assert {group.key for group in report.groups} == {"SAMPLE-1", "SAMPLE-2", "SAMPLE-3"}
    assert report.total.clients > 200
    assert remove_sample(acting_user=owner) == []
    assert not has_sample()
    assert counts() == before
    assert completeness().as_of is None


def told() -> list[tuple[str, object]]:
    return [(entry.action, entry.after) for entry in AuditEntry.objects.filter(actor="owner@acme.test").order_by("pk")]


def test_it_leaves_the_groups_that_its_stores_were_put_into(owner: User) -> None:
    load(owner)
    group = create_group(name="Pilot", acting_user=owner)
    add_stores(group_id=group.pk, codes=["SAMPLE-1"], acting_user=owner)
    assert remove_sample(acting_user=owner) == []
    assert (Store.objects.count(), group.members.count()) == (0, 0)


def test_both_are_in_the_trail(owner: User) -> None:
    load(owner)
    own = Client.objects.create(ref="MINE-1", store=Store.objects.get(code="SAMPLE-2"))
    kept = remove_sample(acting_user=owner)
    own.delete()
    remove_sample(acting_user=owner)
    remove_sample(acting_user=owner)
    assert told() == [
        (Action.SAMPLE_LOADED, None),
        (Action.SAMPLE_REMOVED, {"kept_stores": kept}),
        (Action.SAMPLE_REMOVED, None),
    ]


def test_loaded_twice_it_is_there_once(owner: User) -> None:
    load(owner)
    before = counts()
    load(owner)
    assert {**counts(), "FactBlock": 0} == {**before, "FactBlock": 0}
    remove_sample(acting_user=owner)
    load(owner)
    assert {**counts(), "FactBlock": 0} == {**before, "FactBlock": 0}


def test_it_comes_in_the_language_of_the_reader(owner: User, language: Callable[[str], None]) -> None:
    language("zh-hans")
    load(owner)
    assert Store.objects.get(code="SAMPLE-1").name == "上海示例店"
    assert ServiceCategory.objects.filter(name="面部护理").exists()


@pytest.fixture
def language() -> Iterator[Callable[[str], None]]:
    from django.utils import translation

    before = translation.get_language()
    yield translation.activate
    translation.activate(before or "en")


def test_it_does_not_get_among_records_of_the_chains_own(owner: User) -> None:
    make_salon()
    before = counts()
    with pytest.raises(AppError) as refused:
        load(owner)
    assert (refused.value.code, counts()) == ("not_empty", before)


def test_the_chains_own_records_stay_with_their_figures(owner: User) -> None:
    load(owner)
    make_salon()
    remove_sample(acting_user=owner)
    alone = counts()
    assert (alone["Store"], alone["Visit"]) == (3, Visit.objects.exclude(ref__startswith="SAMPLE-").count())
    report = answer(Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="store"))
    assert (report.total.clients, report.total.counts["repeat_clients"]) == (120, 58)


def test_what_someone_has_added_to_the_sample_stays_with_what_it_hangs_on(owner: User) -> None:
    load(owner)
    store, client = Store.objects.get(code="SAMPLE-1"), Client.objects.get(ref="SAMPLE-0001")
    service = Service.objects.filter(code__startswith="SAMPLE-").first()
    day = timezone.localdate() - timedelta(days=1)
    line = NewLine(amount=Decimal(80), service=service)
    record_visit(acting_user=owner, store=store, client=client, day=day, lines=[line])
    own = Client.objects.create(ref="MINE-1", name="My own", store=Store.objects.get(code="SAMPLE-2"))
    assert remove_sample(acting_user=owner) == sorted(
        Store.objects.filter(code__in=["SAMPLE-1", "SAMPLE-2"]).values_list("name", flat=True)
    )
    assert remaining_stores() == remove_sample(acting_user=owner)
    assert Visit.objects.count() == 1
    assert set(Client.objects.all()) == {client, own}
    assert set(Store.objects.values_list("code", flat=True)) == {"SAMPLE-1", "SAMPLE-2"}
    assert list(Service.objects.all()) == [service]
    assert last_year().total.clients == 1


@pytest.mark.parametrize("role", [User.Role.STORE_MANAGER, User.Role.FRONT_DESK, User.Role.BEAUTICIAN])
def test_other_roles_neither_load_nor_remove(chain: Chain, role: str) -> None:
    user = make_user("other@acme.test", role=role)
    for refused in (lambda: load(user), lambda: remove_sample(acting_user=user)):
        with pytest.raises(AppError) as error:
            refused()
        assert error.value.status == 403
