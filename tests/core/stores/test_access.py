from datetime import UTC, date, datetime, timedelta, tzinfo

import pytest

from core.accounts.models import User
from core.accounts.rights import Role
from core.shared.chain import chain_today
from core.shared.errors import AppError
from core.stores.access import require_store, visible_stores
from core.stores.forms import ClosingForm
from core.stores.models import RegionAccess, Store, StoreAccess
from tenants.models import Chain
from tests.plugins.chains import make_user


def codes(user: User) -> set[str]:
    return set(visible_stores(user).values_list("code", flat=True))


@pytest.fixture
def regional(salon: dict[str, Store]) -> User:
    user = make_user("east@acme.test", role=Role.REGIONAL_MANAGER)
    RegionAccess.objects.create(user=user, region="华东")
    return user


def test_the_chain_s_people_see_all_stores(hq_user: User, salon: dict[str, Store]) -> None:
    owner = make_user("owner@acme.test", role=Role.OWNER)
    assert codes(hq_user) == codes(owner) == {"S001", "S002", "S003"}


def test_a_regional_manager_sees_the_stores_that_stand_in_the_own_regions_today(
    regional: User, salon: dict[str, Store]
) -> None:
    assert codes(regional) == {"S001", "S002"}
    salon["S002"].locations.create(valid_from=date(2024, 1, 1), city="保定", city_tier="三线", region="华北")
    assert codes(regional) == {"S001"}
    tomorrow = chain_today() + timedelta(days=1)
    salon["S001"].locations.create(valid_from=tomorrow, city="保定", city_tier="三线", region="华北")
    assert codes(regional) == {"S001"}


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_today_is_the_chain_s(chain: Chain, regional: User, salon: dict[str, Store], zone: str) -> None:
    """At any moment one of the two has another date than Greenwich."""
    chain.time_zone = zone
    today = chain_today()
    Store.objects.filter(code="S003").update(closed_on=today)
    Store.objects.filter(code="S002").update(closed_on=today + timedelta(days=1))
    assert set(Store.objects.open().values_list("code", flat=True)) == {"S001", "S002"}
    salon["S002"].locations.create(valid_from=today, city="保定", city_tier="三线", region="华北")
    salon["S001"].locations.create(valid_from=today + timedelta(days=1), city="保定", city_tier="三线", region="华北")
    assert codes(regional) == {"S001"}


def test_a_store_is_closed_from_the_chains_today(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half past eleven in Greenwich is the next day in Shanghai."""

    class Late(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime(2026, 3, 10, 23, 30, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr("core.shared.chain.datetime", Late)
    assert 'value="2026-03-11"' in str(ClosingForm()["closed_on"])


def test_a_regional_manager_does_not_work_elsewhere(regional: User, salon: dict[str, Store]) -> None:
    require_store(regional, salon["S001"].pk)
    with pytest.raises(AppError) as refused:
        require_store(regional, salon["S003"].pk)
    assert refused.value.status == 403


@pytest.mark.parametrize("role", [Role.STORE_MANAGER, Role.FRONT_DESK, Role.BEAUTICIAN])
def test_a_store_s_people_see_the_own_stores(role: Role, salon: dict[str, Store]) -> None:
    user = make_user("one@acme.test", role=role)
    assert codes(user) == set()
    StoreAccess.objects.create(user=user, store=salon["S002"])
    RegionAccess.objects.create(user=user, region="华东")
    assert codes(user) == {"S002"}


def test_an_operator_and_someone_inactive_see_none(hq_user: User, salon: dict[str, Store]) -> None:
    hq_user.is_active = False
    assert codes(hq_user) == codes(make_user("op@acme.test", role=Role.OPERATOR)) == set()
