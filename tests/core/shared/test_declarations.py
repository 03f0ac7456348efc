"""An app is added by the settings alone: what it declares is collected."""

import pytest
from pytest_django import Settings

from core.accounts.models import User
from core.accounts.rights import Role
from core.audit.actions import AuditAction, SubjectKind
from core.audit.trail import Subject, record
from core.impersonation.middleware import is_closed
from core.imports.services.columns import match_columns
from core.imports.services.options import ImportOptions
from core.shared.concurrency import lane_of
from core.shared.declarations import declared
from tenants.life.suspension import suspend_chain
from tenants.models import Chain
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in
from tests.plugins.salons import text_of
from tests.small_app.declaration import KEEP_KEYS, Action, Kind


@pytest.fixture
def owner_client(chain: Chain) -> ChainClient:
    return signed_in(make_user("owner@acme.test", role=Role.OWNER), host="acme.localhost")


@pytest.fixture
def small_app(settings: Settings) -> None:
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.small_app"]
    settings.ROOT_URLCONF = "tests.small_app.urls"


@pytest.mark.usefixtures("small_app")
def test_its_section_stands_in_the_navigation_of_those_who_may(
    manager_client: ChainClient, hq_client: ChainClient
) -> None:
    assert 'icons.svg#keys"' in manager_client.get("/clients/").content.decode()
    assert 'icons.svg#keys"' not in hq_client.get("/clients/").content.decode()


@pytest.mark.usefixtures("small_app")
def test_its_right_is_among_those_the_team_reads_of(manager_user: User, owner_client: ChainClient) -> None:
    assert manager_user.may(KEEP_KEYS)
    assert "Keep the keys" in text_of(owner_client.get("/team/roles/"))


@pytest.mark.usefixtures("small_app")
def test_the_trail_tells_of_it_in_its_words(manager_user: User, owner_client: ChainClient) -> None:
    key = Subject(Kind.KEY, "1", "Front door")
    record(action=Action.KEY_HANDED_OVER, acting_user=manager_user, subject=key, after={"door": "Front"})
    page = text_of(owner_client.get("/audit/", {"action": Action.KEY_HANDED_OVER.value}))
    assert "Key handed over" in page
    assert "Key · Front door" in page
    assert "Door" in page


@pytest.mark.usefixtures("small_app")
def test_what_it_closes_to_operators_is_closed() -> None:
    assert is_closed("keys:hand-over")


@pytest.mark.usefixtures("small_app")
def test_what_it_allows_while_read_only_is_taken_and_nothing_else(chain: Chain, manager_client: ChainClient) -> None:
    assert manager_client.post("/keys/copy/").status_code == 200
    with outside_chains():
        suspend_chain(chain, reason="")
    assert manager_client.post("/keys/hand-over/").status_code == 200
    assert manager_client.post("/keys/copy/").status_code == 403


@pytest.mark.usefixtures("small_app")
def test_what_it_says_is_expensive_is_limited() -> None:
    assert lane_of({"REQUEST_METHOD": "POST"}, "/keys/hand-over/") == "files"
    assert lane_of({"REQUEST_METHOD": "GET"}, "/keys/hand-over/") == "pages"
    assert lane_of({"REQUEST_METHOD": "POST"}, "/keys/copy/") == "pages"


@pytest.mark.usefixtures("small_app")
def test_its_field_is_recognised_in_files_of_clients() -> None:
    columns = match_columns("clients", ["client_ref", "钥匙"], ImportOptions())
    assert [column.field.name for column in columns.used] == ["client_ref", "key_number"]
    assert str(columns.used[1].field.label) == "Key number"


def test_nothing_of_it_is_there_without_it() -> None:
    assert not is_closed("keys:hand-over")
    assert Action.KEY_HANDED_OVER not in declared("Action", AuditAction)


def test_what_is_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="RIGHTS holds"):
        declared("RIGHTS", str)


@pytest.mark.parametrize("kind", [AuditAction, SubjectKind])
def test_no_two_apps_use_one_code(kind: type[AuditAction | SubjectKind]) -> None:
    codes = [one.value for one in declared("Action" if kind is AuditAction else "Kind", kind)]
    assert len(codes) == len(set(codes)) > 5
