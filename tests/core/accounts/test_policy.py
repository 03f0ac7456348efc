"""Where a second factor is required, no session works without one, however it came to be without."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from pytest_django import Settings

from core.accounts.models import SignInPolicy, User
from core.accounts.rights import Role
from core.accounts.second_factors import remove_authenticators
from core.team.services import members
from core.team.services.policy import set_second_factor
from tests.core.accounts.test_account_pages import code_of, confirm
from tests.plugins.chains import (
    PASSWORD,
    ChainClient,
    make_user,
    outside_chains,
    signed_in,
    signed_in_by_two_steps,
)
from tests.plugins.salons import text_of

SECRET = "JBSWY3DPEHPK3PXP"
SET_UP = "/account/two-step/totp/activate/"
TURN_OFF = "/account/two-step/totp/deactivate/"
pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def required(chain: object) -> None:
    SignInPolicy.objects.create(requires_second_factor=True)


@pytest.fixture
def anna(hq_user: User) -> User:
    """She has an authenticator app."""
    TOTP.activate(hq_user, SECRET)
    return hq_user


@pytest.fixture
def client(anna: User) -> ChainClient:
    """Signed in by both steps."""
    return signed_in_by_two_steps(anna, host="acme.localhost")


def works(client: ChainClient) -> bool:
    return client.get("/stores/").status_code == 200


def set_up(client: ChainClient) -> str:
    """The secret of the new app."""
    confirm(client)
    secret = str(client.get(SET_UP).context["form"].secret)
    response = client.post(SET_UP, {"code": code_of(secret)})
    assert response.status_code == 302, text_of(response)
    return secret


@pytest.mark.usefixtures("required")
class TestOnesOwn:
    def test_cannot_be_taken_off(self, client: ChainClient) -> None:
        confirm(client)
        assert "Turn it off" not in text_of(client.get("/account/two-step/"))
        before = list(Authenticator.objects.values())
        for response in (client.get(TURN_OFF), client.post(TURN_OFF)):
            assert "it cannot be turned off. If you have a new phone, change the app." in text_of(response)
            assert f'href="{SET_UP}"' in response.content.decode()
            assert '<button class="button danger">' not in response.content.decode()
        assert list(Authenticator.objects.values()) == before
        assert works(client)

    def test_can_be_replaced(self, client: ChainClient, anna: User) -> None:
        old = Authenticator.objects.get(user=anna, type=Authenticator.Type.TOTP)
        confirm(client)
        assert "The app you have now works until" in text_of(client.get(SET_UP))
        assert client.post(SET_UP, {"code": "000000"}).status_code == 200
        assert Authenticator.objects.get(user=anna, type=Authenticator.Type.TOTP) == old
        secret = set_up(client)
        new = Authenticator.objects.get(user=anna, type=Authenticator.Type.TOTP)
        assert new.pk != old.pk
        assert TOTP(new).validate_code(code_of(secret))
        assert Authenticator.objects.filter(user=anna, type=Authenticator.Type.RECOVERY_CODES).exists()
        assert works(client)

    def test_replaced_it_ends_what_the_old_app_opened(self, anna: User) -> None:
        elsewhere = ChainClient(headers={"host": "acme.localhost"})
        elsewhere.post("/sign-in/", {"login": anna.email, "password": PASSWORD})
        elsewhere.post("/account/two-step/authenticate/", {"code": code_of(SECRET)})
        assert works(elsewhere)
        set_up(signed_in_by_two_steps(anna, host="acme.localhost"))
        assert elsewhere.get("/stores/").headers["Location"] == "/sign-in/?next=/stores/"

    def test_is_needed_to_be_changed(self, anna: User) -> None:
        """A session from before the factor was set up changes nothing of the account any more."""
        early = signed_in(anna, host="acme.localhost")
        before = list(User.objects.values()), list(Authenticator.objects.values())
        for path in (SET_UP, "/account/password/", "/account/email/", "/account/confirm-password/"):
            early.force_login(anna)
            assert early.post(path, {"password": PASSWORD}).headers["Location"] == "/sign-in/", path
            assert "_auth_user_id" not in early.session
        after = [{**row, "last_login": None} for row in User.objects.values()], list(Authenticator.objects.values())
        assert after == ([{**row, "last_login": None} for row in before[0]], before[1])


def of_ones_own(user: User, _owner: User) -> None:
    """Where it was not required yet."""
    client = signed_in(user, host="acme.localhost")
    confirm(client)
    assert client.post(TURN_OFF).status_code == 302


def by_an_owner(user: User, owner: User) -> None:
    members.remove_second_factor(acting_user=owner, user_id=user.pk)


def by_command(user: User, _owner: User) -> None:
    assert remove_authenticators(user, by=None)


@pytest.mark.parametrize("taken_off", [of_ones_own, by_an_owner, by_command], ids=lambda way: way.__name__)
def test_whoever_has_none_any_more_sets_one_up_at_once(
    client: ChainClient, anna: User, taken_off: Callable[[User, User], None]
) -> None:
    owner = make_user("owner@acme.test", role=Role.OWNER)
    TOTP.activate(owner, SECRET)
    assert works(client)
    taken_off(anna, owner)
    SignInPolicy.objects.create(requires_second_factor=True)
    assert client.get("/stores/").headers["Location"] == SET_UP
    sent = len(mail.outbox)
    refused = client.post("/team/invite/", {"email": "new@acme.test", "role": "hq"})
    assert refused.headers["Location"] == SET_UP
    assert not User.objects.filter(email="new@acme.test").exists()
    assert len(mail.outbox) == sent
    fragment = client.get("/repurchase/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (200, SET_UP)
    assert fragment.content == b""
    set_up(client)
    assert works(client)


def test_a_chain_that_begins_to_ask_for_it_asks_sessions_under_way(
    hq_user: User, hq_client: ChainClient, manager_client: ChainClient, manager_user: User
) -> None:
    owner = make_user("owner@acme.test", role=Role.OWNER)
    TOTP.activate(owner, SECRET)
    TOTP.activate(manager_user, SECRET)
    assert works(hq_client)
    assert works(manager_client)
    set_second_factor(acting_user=owner, required=True)
    # At once, without a cache that has to forget first.
    assert hq_client.get("/stores/").headers["Location"] == SET_UP
    # Who has a factor, but not in this session, signs in anew with it.
    assert manager_client.get("/stores/?page=2").headers["Location"] == "/sign-in/?next=/stores/%3Fpage%3D2"
    assert "Sign in again with a code of your authenticator app." in text_of(manager_client.get("/sign-in/"))
    manager_client.post("/sign-in/", {"login": manager_user.email, "password": PASSWORD})
    assert not works(manager_client)
    manager_client.post("/account/two-step/authenticate/", {"code": code_of(SECRET)})
    assert works(manager_client)


def test_a_fragment_leads_the_whole_page_to_the_sign_in(anna: User, required: None) -> None:
    early = signed_in(anna, host="acme.localhost")
    fragment = early.get("/repurchase/", headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"] == "/sign-in/"


def test_signing_out_and_the_language_stay_open(anna: User, hq_client: ChainClient, required: None) -> None:
    assert hq_client.post("/language/", {"language": "en"}).headers["Location"] == "/"
    assert hq_client.post("/sign-out/").headers["Location"] == "/sign-in/"


def test_recovery_codes_that_are_used_up_leave_the_factor(anna: User, required: None) -> None:
    codes = RecoveryCodes.activate(anna).get_unused_codes()
    client = ChainClient(headers={"host": "acme.localhost"})
    for code in codes:
        client.post("/sign-in/", {"login": anna.email, "password": PASSWORD})
        assert client.post("/account/two-step/authenticate/", {"code": code}).status_code == 302
        assert works(client)
        client.post("/sign-out/")
    client.post("/sign-in/", {"login": anna.email, "password": PASSWORD})
    assert client.post("/account/two-step/authenticate/", {"code": codes[0]}).status_code == 200
    assert not works(client)


def test_new_recovery_codes_do_not_sign_out(client: ChainClient, required: None) -> None:
    confirm(client)
    assert client.post("/account/two-step/recovery-codes/generate/").status_code == 302
    assert "10 of 10 are left" in text_of(client.get("/account/two-step/recovery-codes/"))
    assert works(client)


def test_a_password_that_is_reset_is_not_enough(anna: User, required: None) -> None:
    client = ChainClient(headers={"host": "acme.localhost"})
    client.post("/account/password/forgotten/", {"email": anna.email})
    link = next(word for word in str(mail.outbox[-1].body).split() if "/account/password/new/" in word)
    form = client.get(link.removeprefix("http://acme.localhost"), follow=True)
    new = "a walk along the river"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    assert not works(client)
    signed = client.post("/sign-in/", {"login": anna.email, "password": new})
    assert signed.headers["Location"].startswith("/account/two-step/authenticate/")
    assert not works(client)


def test_it_can_be_taken_off_where_it_is_not_required(client: ChainClient, anna: User) -> None:
    confirm(client)
    assert "Turn it off" in text_of(client.get("/account/two-step/"))
    assert client.post(TURN_OFF).status_code == 302
    assert not Authenticator.objects.filter(user=anna).exists()
    assert works(client)


class TestOperators:
    def test_cannot_take_it_off_and_get_nowhere_without(self, operator: User, settings: Settings) -> None:
        settings.CONSOLE_NEEDS_SECOND_FACTOR = True
        with outside_chains():
            TOTP.activate(operator, SECRET)
            client = signed_in_by_two_steps(operator, host="console.localhost")
            assert client.get("/tenants/chain/").status_code == 200
            confirm(client)
            assert "it cannot be turned off" in text_of(client.post(TURN_OFF))
            assert Authenticator.objects.filter(user=operator).exists()
            Authenticator.objects.filter(user=operator).delete()
            assert client.get("/tenants/chain/").headers["Location"] == SET_UP
            assert client.post("/tenants/chain/1/visit/", {"user": 1}).headers["Location"] == SET_UP

    def test_sign_in_again_where_it_becomes_required(self, operator: User, settings: Settings) -> None:
        settings.CONSOLE_NEEDS_SECOND_FACTOR = False
        with outside_chains():
            TOTP.activate(operator, SECRET)
            client = signed_in(operator, host="console.localhost")
            assert client.get("/tenants/chain/").status_code == 200
            settings.CONSOLE_NEEDS_SECOND_FACTOR = True
            assert client.get("/tenants/chain/").headers["Location"].startswith("/sign-in/")
