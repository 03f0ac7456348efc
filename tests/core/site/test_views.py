"""The first page, and the choice of the language."""

import pytest

from core.accounts.models import User
from core.accounts.rights import CHAIN_ROLES, Role
from core.stores.models import Store, StoreAccess
from tests.plugins.chains import ChainClient, make_user, signed_in


def test_a_manager_opens_on_the_own_store(manager_client: ChainClient, manager_user: User, store: Store) -> None:
    assert manager_client.get("/").headers["Location"] == "/stores/S001/"
    second = Store.objects.create(code="S002", name="Two")
    StoreAccess.objects.create(user=manager_user, store=second)
    assert manager_client.get("/").headers["Location"] == "/stores/"


def test_the_language_is_kept_with_the_user(hq_client: ChainClient, hq_user: User) -> None:
    assert 'lang="zh-hans"' in hq_client.get("/stores/").content.decode()
    response = hq_client.post("/language/", {"language": "en", "next": "/stores/"})
    assert response.headers["Location"] == "/stores/"
    hq_user.refresh_from_db()
    assert hq_user.language == "en"
    assert 'lang="en"' in hq_client.get("/stores/").content.decode()


@pytest.mark.parametrize("back", ["\ufffd\ufffd", "nowhere", ""])
def test_what_is_no_address_leads_home(anonymous_client: ChainClient, back: str) -> None:
    response = anonymous_client.post("/language/", {"language": "en", "next": back})
    assert response.headers["Location"] == "/"


def test_an_unknown_language_or_a_foreign_address_changes_nothing(hq_client: ChainClient, hq_user: User) -> None:
    response = hq_client.post("/language/", {"language": "xx", "next": "https://evil.test/"})
    assert response.headers["Location"] == "/"
    hq_user.refresh_from_db()
    assert hq_user.language == ""
    assert hq_client.get("/language/").status_code == 405


@pytest.mark.parametrize("role", [*CHAIN_ROLES, Role.OPERATOR])
@pytest.mark.usefixtures("salon")
def test_the_first_page_is_one_the_role_may_see(role: Role) -> None:
    client = signed_in(make_user(f"{role}@acme.test", role=role), host="acme.localhost")
    page = client.get("/", follow=True)
    assert page.status_code == (403 if role == Role.OPERATOR else 200)
