"""What people change of how they sign in is in the trail, by whom and from where, and without a secret."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.utils import translation

from core.accounts.models import User
from core.audit.declaration import Action as TrailAction
from core.audit.models import AuditEntry
from core.audit.presentation import Change, entry_row
from core.audit.trail import record
from core.membership.declaration import Action as MembershipAction
from tests.core.accounts.test_account_pages import NEW, activated, confirm
from tests.plugins.chains import PASSWORD, ChainClient, outside_chains, signed_in

pytestmark = pytest.mark.usefixtures("english")
SIGN_INS = (TrailAction.SIGN_IN, TrailAction.SIGN_OUT)


def told(user: User) -> list[tuple[str, object, object]]:
    """All but sign-ins, in order."""
    entries = AuditEntry.objects.filter(user_id=user.pk, subject_id=str(user.pk)).exclude(action__in=SIGN_INS)
    return [(entry.action, entry.before, entry.after) for entry in entries.order_by("pk")]


def test_a_changed_password(hq_client: ChainClient, hq_user: User) -> None:
    confirm(hq_client)
    hq_client.post("/account/password/", {"oldpassword": "wrong", "password1": NEW, "password2": NEW})
    assert told(hq_user) == []
    hq_client.post("/account/password/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert told(hq_user) == [(TrailAction.PASSWORD_CHANGED, None, None)]
    entry = AuditEntry.objects.get(action=TrailAction.PASSWORD_CHANGED)
    assert (entry.actor, entry.subject_type, entry.ip) == (hq_user.email, "user", "127.0.0.1")


def test_a_password_reset_by_mail(anonymous_client: ChainClient, hq_user: User) -> None:
    anonymous_client.post("/account/password/forgotten/", {"email": hq_user.email})
    link = re.search(r"http://acme\.localhost(/account/password/new/\S+)", str(mail.outbox[0].body))
    assert link
    form = anonymous_client.get(link[1], follow=True)
    assert told(hq_user) == []
    anonymous_client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert told(hq_user) == [(TrailAction.PASSWORD_RESET, None, None)]


def test_a_changed_e_mail(hq_client: ChainClient, hq_user: User) -> None:
    confirm(hq_client)
    hq_client.post("/account/email/", {"email": "new@acme.test", "action_add": ""})
    assert told(hq_user) == []
    link = re.search(r"http://acme\.localhost(/account/email/confirm/\S+)", str(mail.outbox[-1].body))
    assert link
    hq_client.post(link[1])
    assert told(hq_user) == [(TrailAction.EMAIL_CHANGED, {"email": "hq@acme.test"}, {"email": "new@acme.test"})]


def test_a_second_factor_and_its_recovery_codes(hq_client: ChainClient, hq_user: User) -> None:
    activated(hq_client)
    hq_client.post("/account/two-step/recovery-codes/generate/")
    hq_client.post("/account/two-step/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert told(hq_user) == [
        (TrailAction.SECOND_FACTOR_SET_UP, None, None),
        (TrailAction.RECOVERY_CODES_MADE, None, None),
        (TrailAction.RECOVERY_CODES_MADE, None, None),
        (TrailAction.SECOND_FACTOR_REMOVED, None, None),
    ]


def test_other_sessions_that_are_ended(hq_user: User, anonymous_client: ChainClient) -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"
    there = ChainClient(headers={"host": "acme.localhost", "user-agent": firefox})
    for client in (there, anonymous_client):
        client.post("/sign-in/", {"login": hq_user.email, "password": PASSWORD})
    anonymous_client.post("/account/sessions/")
    anonymous_client.post("/account/sessions/")
    assert told(hq_user) == [(TrailAction.SESSIONS_ENDED, None, {"devices": ["Firefox 128, Windows"]})]


def test_they_read_well_in_both_languages(hq_user: User) -> None:
    owner = hq_user
    owner.role = User.Role.OWNER
    owner.save()
    client = signed_in(owner, host="acme.localhost")
    activated(client)
    for language, words in (("en", "Two-step sign-in set up"), ("zh-hans", "设置两步登录")):
        User.objects.update(language=language)
        assert words in client.get("/audit/").content.decode()
        assert words in b"".join(client.get("/audit/export.csv").streaming_content).decode()


def test_on_the_platforms_side_there_is_no_trail(hq_user: User) -> None:
    with outside_chains():
        operator = User.objects.create(email="operator@platform.test", role=User.Role.OPERATOR)
        Authenticator.objects.create(user=operator, type=Authenticator.Type.TOTP, data={}).delete()
    assert told(hq_user) == []


def test_codes_of_a_changed_client_are_shown_in_words() -> None:
    before, after = {"gender": "", "birth_date": None}, {"gender": "female", "birth_date": "1990-02-03"}
    record(action=MembershipAction.CLIENT_CHANGED, before=before, after=after)
    shown = entry_row(AuditEntry.objects.get(action=MembershipAction.CLIENT_CHANGED)).changes
    assert shown == (Change("Gender", "", "female"), Change("Birth date", "–", "1990-02-03"))
    with translation.override("zh-hans"):
        shown = entry_row(AuditEntry.objects.get(action=MembershipAction.CLIENT_CHANGED)).changes
    assert shown == (Change("性别", "", "女"), Change("出生日期", "–", "1990-02-03"))
