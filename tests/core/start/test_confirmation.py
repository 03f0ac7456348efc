"""Confirming one's e-mail: once, in time, by the address the link was sent to."""

import re
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core import mail, signing
from django.core.cache import cache
from django.test import Client
from django_tenants.utils import tenant_context

from core.accounts import confirmation
from core.accounts.models import User
from core.shared.errors import AppError
from tenants.models import Chain
from tests.plugins.chains import ChainClient, make_user, signed_in
from tests.plugins.salons import text_of

AGAIN = "/confirm-email/again/"


@pytest.fixture
def anna(chain: Chain) -> User:
    user = make_user("anna@acme.test", role=User.Role.OWNER)
    user.email_confirmed_at, user.language = None, "en"
    user.save()
    return user


@pytest.fixture
def client(anna: User) -> ChainClient:
    return signed_in(anna, host="acme.localhost")


def link_to(user: User) -> str:
    mail.outbox.clear()
    confirmation.send_confirmation(user)
    found = re.search(r"http://acme\.localhost(/confirm-email/\?token=\S+)", str(mail.outbox[0].body))
    assert found is not None
    return found[1]


def token_of(path: str) -> str:
    return path.partition("token=")[2]


def press(path: str, host: str = "acme.localhost") -> object:
    return ChainClient(headers={"host": host, "accept-language": "en"}, raise_request_exception=True).post(
        "/confirm-email/", {"token": token_of(path)}
    )


def test_the_mail_says_it_in_both_languages(anna: User) -> None:
    path = link_to(anna)
    letter = mail.outbox[0]
    assert letter.to == ["anna@acme.test"]
    assert "Confirm your e-mail address" in letter.subject
    assert letter.body.count(path) == 2
    html = letter.alternatives[0].content  # type: ignore[attr-defined]
    assert 'lang="en"' in html
    assert 'lang="zh-hans"' in html


def test_opening_the_link_confirms_nothing_the_button_does(anna: User, client: ChainClient) -> None:
    assert "Confirm your e-mail address" in text_of(client.get("/repurchase/"))
    path = link_to(anna)
    page = client.get(path, follow=True)
    assert "anna@acme.test is yours" in text_of(page)
    anna.refresh_from_db()
    assert anna.email_confirmed_at is None
    press(path)
    anna.refresh_from_db()
    assert confirmation.is_confirmed(anna)
    assert "Confirm your e-mail address" not in text_of(client.get("/repurchase/"))


def test_a_used_link_says_so(anna: User) -> None:
    path = link_to(anna)
    press(path)
    first = User.objects.get(pk=anna.pk).email_confirmed_at
    again = press(path)
    assert again.status_code == 409  # type: ignore[attr-defined]
    assert User.objects.get(pk=anna.pk).email_confirmed_at == first


def test_a_late_link_says_so(anna: User) -> None:
    path = link_to(anna)
    with patch(
        "django.core.signing.time.time", return_value=signing.time.time() + timedelta(days=3, hours=1).total_seconds()
    ):
        late = press(path)
        assert late.status_code == 410  # type: ignore[attr-defined]
    anna.refresh_from_db()
    assert anna.email_confirmed_at is None
    with patch(
        "django.core.signing.time.time", return_value=signing.time.time() + timedelta(days=2, hours=23).total_seconds()
    ):
        assert confirmation.user_for_token(token_of(path)) == anna


def test_a_link_sent_to_another_address_confirms_neither(anna: User) -> None:
    path = link_to(anna)
    anna.email = "anna.li@acme.test"
    anna.save()
    assert press(path).status_code == 410  # type: ignore[attr-defined]
    anna.refresh_from_db()
    assert anna.email_confirmed_at is None


def test_a_link_of_one_chain_is_nothing_in_another(anna: User, other_chain: Chain) -> None:
    path = link_to(anna)
    with tenant_context(other_chain):
        twin = User.objects.create(pk=anna.pk, email=anna.email, role=User.Role.OWNER)
    assert press(path, host="other.localhost").status_code == 400  # type: ignore[attr-defined]
    with tenant_context(other_chain):
        twin.refresh_from_db()
        assert twin.email_confirmed_at is None


@pytest.mark.parametrize("token", ["", "nonsense", "a:b:c"])
def test_a_broken_link_says_so(anna: User, token: str) -> None:
    with pytest.raises(AppError) as refused:
        confirmation.confirm(token)
    assert refused.value.code == "link_unknown"


def test_someone_deactivated_confirms_nothing(anna: User) -> None:
    path = link_to(anna)
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert press(path).status_code == 410  # type: ignore[attr-defined]


def test_send_again_sends_once_a_minute_to_the_own_chains_host(client: ChainClient) -> None:
    mail.outbox.clear()
    assert client.post(AGAIN).headers["Location"] == "/"
    assert "http://acme.localhost/confirm-email/?token=" in mail.outbox[0].body
    assert client.post(AGAIN).status_code == 429
    assert len(mail.outbox) == 1
    cache.clear()
    assert client.post(AGAIN).status_code == 302


def test_send_again_is_for_who_needs_it(
    anonymous_client: ChainClient, hq_client: ChainClient, client: ChainClient
) -> None:
    mail.outbox.clear()
    assert anonymous_client.post(AGAIN).headers["Location"].startswith("/sign-in/")
    assert hq_client.post(AGAIN).headers["Location"] == "/"
    assert client.get(AGAIN).status_code == 405
    assert mail.outbox == []


def test_the_button_has_to_be_pressed_on_our_own_page(anna: User) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"host": "acme.localhost"})
    assert browser.post("/confirm-email/", {"token": token_of(link_to(anna))}).status_code == 403
