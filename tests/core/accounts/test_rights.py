import pytest

from core.accounts.models import User
from core.accounts.rights import CHAIN_ROLES, REACH, Reach, Role, rights
from core.followup.declaration import FOLLOW_UP
from core.imports.declaration import IMPORT
from core.profiles.declaration import SEE_CLIENTS
from core.reporting.declaration import COMPARE_STORES
from core.stores.declaration import SEE_STORE_FIGURES
from tests.plugins.chains import make_user, signed_in

PAGES = {
    "/repurchase/": COMPARE_STORES,
    "/stores/": SEE_STORE_FIGURES,
    "/stores/S001/": SEE_STORE_FIGURES,
    "/clients/": SEE_CLIENTS,
    "/follow-up/stores/S001/": FOLLOW_UP,
    "/imports/": IMPORT,
}


def test_every_role_of_a_chain_is_in_the_matrix() -> None:
    assert {*CHAIN_ROLES, Role.OPERATOR} == set(Role)
    assert all(right.belongs_to(Role.OWNER) and not right.belongs_to(Role.OPERATOR) for right in rights())


def test_rights_are_collected_from_the_apps_in_one_order() -> None:
    assert [right.code for right in rights()] == [
        "compare_stores", "see_store_figures", "see_clients", "follow_up", "record_visits", "edit_clients", "import",
        "manage_stores", "manage_services", "manage_staff", "merge", "set_thresholds", "manage_team", "see_audit",
        "manage_chain", "manage_billing", "export_tables",
    ]  # fmt: skip
    assert [right.place for right in rights()] == list(range(1, len(rights()) + 1))


def test_who_compares_stores_sees_them_all() -> None:
    assert {REACH[role] for role in CHAIN_ROLES if COMPARE_STORES.belongs_to(role)} == {Reach.CHAIN}


@pytest.mark.parametrize("role", CHAIN_ROLES)
@pytest.mark.usefixtures("salon")
def test_pages_open_by_right(role: Role) -> None:
    user = make_user(f"{role}@acme.test", role=role)
    client = signed_in(user, host="acme.localhost")
    sees_store = user.reach == Reach.CHAIN
    for page, right in PAGES.items():
        allowed = 404 if page.endswith("/stores/S001/") and not sees_store else 200
        assert client.get(page).status_code == (allowed if user.may(right) else 403), (role, page)


def test_someone_who_is_no_longer_active_may_nothing(hq_user: User) -> None:
    hq_user.is_active = False
    assert not any(hq_user.may(right) for right in rights())
    assert hq_user.reach == Reach.NONE
