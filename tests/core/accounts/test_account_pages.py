"""The pages of one's own account: password, e-mail, second factor, sessions."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.stores.models import Store
from tenants.models import Chain
from tests.plugins.chains import PASSWORD, ChainClient, make_user, signed_in
from tests.plugins.salons import text_of

NEW = "a walk along the river"
pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def stranger(chain: object) -> ChainClient:
    made = ChainClient(headers={"host": "acme.localhost"})
    made.cookies["django_language"] = "en"
    return made


def confirm(client: ChainClient) -> None:
    """Sensitive pages ask for the password first."""
    assert client.post("/account/confirm-password/", {"password": PASSWORD}).status_code == 302


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def activated(client: ChainClient) -> str:
    """The secret."""
    confirm(client)
    page = client.get("/account/two-step/totp/activate/")
    secret = page.context["form"].secret
    response = client.post("/account/two-step/totp/activate/", {"code": code_of(secret)})
    assert response.status_code == 302, text_of(response)
    return str(secret)


@pytest.mark.parametrize("path", ["email/", "password/", "two-step/", "sessions/"])
def test_pages_of_the_account_show_it_and_want_a_sign_in(
    hq_client: ChainClient, stranger: ChainClient, path: str
) -> None:
    confirm(hq_client)
    page = hq_client.get(f"/account/{path}", follow=True)
    assert page.status_code == 200
    assert "Your account" in text_of(page)
    assert "hq@acme.test" in text_of(page)
    assert stranger.get(f"/account/{path}").headers["Location"].startswith("/sign-in/")


def test_nobody_signs_up_to_a_chain(stranger: ChainClient, hq_user: User) -> None:
    data = {"email": "new@acme.test", "password1": NEW}
    assert stranger.post("/account/sign-up/", data).status_code == 200
    assert not User.objects.filter(email="new@acme.test").exists()


def test_a_forgotten_password_is_reset_by_mail(stranger: ChainClient, hq_user: User) -> None:
    known = text_of(stranger.post("/account/password/forgotten/", {"email": hq_user.email}, follow=True))
    unknown = text_of(stranger.post("/account/password/forgotten/", {"email": "nobody@acme.test"}, follow=True))
    assert known == unknown
    (sent,) = mail.outbox
    assert sent.to == [hq_user.email]
    link = re.search(r"http://acme\.localhost(/account/password/new/\S+)", str(sent.body))
    assert link
    form = stranger.get(link[1], follow=True)
    done = stranger.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert done.status_code == 302, text_of(done)
    assert stranger.post("/sign-in/", {"login": hq_user.email, "password": NEW}).headers["Location"] == "/"
    stranger.post("/sign-out/")
    again = stranger.get(link[1], follow=True)
    assert "password1" not in again.content.decode()
    assert "This link is not good any more" in text_of(again)
    assert 'href="/account/password/forgotten/">Have another sent' in again.content.decode()


def test_the_e_mail_changes_once_the_new_address_is_confirmed(hq_client: ChainClient, hq_user: User) -> None:
    confirm(hq_client)
    page = hq_client.post("/account/email/", {"email": "New@Acme.test", "action_add": ""}, follow=True)
    assert "It will be new@acme.test" in text_of(page)
    hq_user.refresh_from_db()
    assert hq_user.email == "hq@acme.test"
    letter = next(message for message in mail.outbox if message.to == ["new@acme.test"])
    link = re.search(r"http://acme\.localhost(/account/email/confirm/\S+)", str(letter.body))
    assert link
    hq_client.post(link[1])
    hq_user.refresh_from_db()
    assert hq_user.email == "new@acme.test"


def test_a_confirmation_of_one_chain_confirms_nothing_in_another(
    hq_client: ChainClient, hq_user: User, other_chain: Chain
) -> None:
    """Rows of the two have the same numbers, and the site one key."""
    confirm(hq_client)
    hq_client.post("/account/email/", {"email": "new@acme.test", "action_add": ""})
    pending = EmailAddress.objects.get(email="new@acme.test")
    link = re.search(r"http://acme\.localhost(/account/email/confirm/\S+)", str(mail.outbox[-1].body))
    assert link
    with tenant_context(other_chain):
        user = make_user("victim@other.test", role=User.Role.HQ)
        row = EmailAddress.objects.create(pk=pending.pk, user=user, email="not-mine@other.test")
    abroad = ChainClient(headers={"host": "other.localhost"})
    abroad.post(link[1])
    with tenant_context(other_chain):
        row.refresh_from_db()
        assert not row.verified


def test_an_address_of_someone_else_is_refused(hq_client: ChainClient, hq_user: User, manager_user: User) -> None:
    """Without a word on whose it is."""
    confirm(hq_client)
    hq_client.post("/account/email/", {"email": manager_user.email, "action_add": ""})
    links = re.findall(r"http://acme\.localhost(/account/email/confirm/\S+)", "".join(str(m.body) for m in mail.outbox))
    for link in links:
        hq_client.post(link)
    hq_user.refresh_from_db()
    assert hq_user.email == "hq@acme.test"


def test_a_second_factor_is_set_up_and_asked_for(hq_client: ChainClient, hq_user: User, stranger: ChainClient) -> None:
    secret = activated(hq_client)
    stored = Authenticator.objects.get(user=hq_user, type=Authenticator.Type.TOTP).data["secret"]
    assert secret not in stored
    first = stranger.post("/sign-in/", {"login": hq_user.email, "password": PASSWORD})
    assert first.headers["Location"].startswith("/account/two-step/authenticate/")
    assert stranger.get("/repurchase/").headers["Location"].startswith("/sign-in/")
    asked = text_of(stranger.get("/account/two-step/authenticate/"))
    assert "or one of your recovery codes" in asked
    assert "Ask an owner of your chain" in asked
    wrong = stranger.post("/account/two-step/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    assert "Incorrect code." in text_of(wrong)
    assert "_auth_user_id" not in stranger.session


def test_a_recovery_code_opens_once(hq_client: ChainClient, hq_user: User, stranger: ChainClient) -> None:
    activated(hq_client)
    page = hq_client.get("/account/two-step/recovery-codes/").content.decode()
    found = re.search(r"<textarea[^>]*>([^<]+)</textarea>", page)
    assert found
    code = found[1].split()[0]
    for expected in (302, 200):
        stranger.post("/sign-in/", {"login": hq_user.email, "password": PASSWORD})
        assert stranger.post("/account/two-step/authenticate/", {"code": code}).status_code == expected
        stranger.post("/sign-out/")


def test_new_codes_replace_the_old_and_go_with_the_factor(hq_client: ChainClient, hq_user: User) -> None:
    activated(hq_client)
    asked = text_of(hq_client.get("/account/two-step/recovery-codes/generate/"))
    assert "Those you have now no longer work then." in asked
    before = hq_client.get("/account/two-step/recovery-codes/").context["unused_codes"]
    assert hq_client.post("/account/two-step/recovery-codes/generate/").status_code == 302
    after = hq_client.get("/account/two-step/recovery-codes/")
    assert "10 of 10 are left" in text_of(after)
    assert not set(before) & set(after.context["unused_codes"])
    assert "the recovery codes no longer work" in text_of(hq_client.get("/account/two-step/totp/deactivate/"))
    hq_client.post("/account/two-step/totp/deactivate/")
    assert not Authenticator.objects.filter(user=hq_user).exists()


def test_other_sessions_can_be_ended(hq_user: User, stranger: ChainClient) -> None:
    here = ChainClient(headers={"host": "acme.localhost", "user-agent": "Firefox on the front desk"})
    for client in (here, stranger):
        client.post("/sign-in/", {"login": hq_user.email, "password": PASSWORD})
    assert "Firefox on the front desk" in text_of(stranger.get("/account/sessions/"))
    stranger.post("/account/sessions/")
    assert here.get("/stores/").headers["Location"].startswith("/sign-in/")
    assert stranger.get("/stores/").status_code == 200


def test_a_changed_password_ends_other_sessions(hq_user: User, hq_client: ChainClient, store: Store) -> None:
    other = signed_in(hq_user, host="acme.localhost")
    confirm(hq_client)
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert hq_client.post("/account/password/", data).status_code == 302
    assert hq_client.get("/stores/").status_code == 200
    assert other.get("/stores/").headers["Location"].startswith("/sign-in/")
