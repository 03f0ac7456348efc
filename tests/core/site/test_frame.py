"""What pages have around them."""

from core.accounts.rights import Role
from tests.plugins.chains import ChainClient, make_user, signed_in


def test_the_sidebar_shows_what_the_role_may_use(hq_client: ChainClient, manager_client: ChainClient) -> None:
    assert 'href="/repurchase/"' in hq_client.get("/stores/").content.decode()
    assert 'href="/repurchase/"' not in manager_client.get("/stores/").content.decode()


def test_the_sidebar_of_the_front_desk(hq_client: ChainClient, salon: object) -> None:
    desk = signed_in(make_user("desk@acme.test", role=Role.FRONT_DESK), host="acme.localhost")
    assert 'href="/imports/"' in hq_client.get("/clients/").content.decode()
    page = desk.get("/clients/").content.decode()
    assert 'href="/clients/"' in page
    assert 'href="/imports/"' not in page
    assert 'href="/stores/"' not in page
