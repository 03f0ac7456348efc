import pytest

from core.accounts.models import User
from core.accounts.rights import CHAIN_ROLES, MATRIX, Reach, Right, Role
from tests.plugins.chains import make_user, signed_in

PAGES = {
    "/repurchase/": Right.COMPARE_STORES,
    "/stores/": Right.SEE_STORE_FIGURES,
    "/stores/S001/": Right.SEE_STORE_FIGURES,
    "/clients/": Right.SEE_CLIENTS,
    "/imports/": Right.IMPORT,
}


def test_every_role_of_a_chain_is_in_the_matrix() -> None:
    assert {*CHAIN_ROLES, Role.OPERATOR} == set(Role)
    assert MATRIX[Role.OWNER].rights == set(Right)


def test_who_compares_stores_sees_them_all() -> None:
    comparing = [grant for grant in MATRIX.values() if Right.COMPARE_STORES in grant.rights]
    assert {grant.reach for grant in comparing} == {Reach.CHAIN}


@pytest.mark.parametrize("role", CHAIN_ROLES)
@pytest.mark.usefixtures("salon")
def test_pages_open_by_right(role: Role) -> None:
    user = make_user(f"{role}@acme.test", role=role)
    client = signed_in(user, host="acme.localhost")
    sees_store = user.reach == Reach.CHAIN
    for page, right in PAGES.items():
        allowed = 404 if page == "/stores/S001/" and not sees_store else 200
        assert client.get(page).status_code == (allowed if user.may(right) else 403), (role, page)


def test_someone_who_is_no_longer_active_may_nothing(hq_user: User) -> None:
    hq_user.is_active = False
    assert not any(hq_user.may(right) for right in Right)
    assert hq_user.reach == Reach.NONE
