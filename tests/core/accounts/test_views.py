"""Sign-in and sign-out."""

import pytest
from pytest_django import Settings

from core.accounts.models import User
from tenants.models import Chain
from tests.plugins.chains import PASSWORD, ChainClient
from tests.plugins.salons import text_of


def sign_in(client: ChainClient, email: str, password: str = PASSWORD, **more: str) -> object:
    return client.post("/sign-in/", {"login": email, "password": password, **more})


@pytest.mark.parametrize("email", ["hq@acme.test", "HQ@Acme.Test", " hq@acme.test "])
def test_the_right_password_opens_the_chain(anonymous_client: ChainClient, hq_user: User, email: str) -> None:
    response = sign_in(anonymous_client, email)
    assert response.headers["Location"] == "/"  # type: ignore[attr-defined]
    assert anonymous_client.get("/").headers["Location"] == "/overview/"


def test_sign_in_goes_on_to_where_it_was_asked_but_never_elsewhere(
    anonymous_client: ChainClient, hq_user: User
) -> None:
    assert sign_in(anonymous_client, hq_user.email, next="/clients/").headers["Location"] == "/clients/"  # type: ignore[attr-defined]
    anonymous_client.post("/sign-out/")
    assert sign_in(anonymous_client, hq_user.email, next="https://evil.test/").headers["Location"] == "/"  # type: ignore[attr-defined]


@pytest.mark.parametrize("elsewhere", ["http://other.localhost/", "http://console.localhost/", "http://evil.test/"])
def test_sign_in_goes_on_at_its_own_host_alone_whatever_hosts_are_allowed(
    anonymous_client: ChainClient, hq_user: User, settings: Settings, elsewhere: str
) -> None:
    """As where chains have domains of their own, which stand in no setting."""
    settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = ["*", ".localhost"], ["https://*"]
    assert sign_in(anonymous_client, hq_user.email, next=elsewhere).headers["Location"] == "/"  # type: ignore[attr-defined]
    anonymous_client.post("/sign-out/")
    here = "http://acme.localhost/clients/"
    assert sign_in(anonymous_client, hq_user.email, next=here).headers["Location"] == here  # type: ignore[attr-defined]


def test_wrong_password_unknown_and_inactive_get_one_answer(anonymous_client: ChainClient, hq_user: User) -> None:
    User.objects.create(email="gone@acme.test", role="hq", is_active=False, password=hq_user.password)
    answers = {
        text_of(sign_in(anonymous_client, email, password)).replace(email, "")
        for email, password in (
            (hq_user.email, "wrong"),
            ("nobody@acme.test", PASSWORD),
            ("gone@acme.test", PASSWORD),
        )
    }
    assert len(answers) == 1
    assert "_auth_user_id" not in anonymous_client.session


def test_users_of_another_chain_are_unknown_here(
    anonymous_client: ChainClient, other_client: ChainClient, hq_user: User
) -> None:
    assert sign_in(anonymous_client, "hq@other.test").status_code == 200  # type: ignore[attr-defined]
    assert "_auth_user_id" not in anonymous_client.session


FAILURES = 10


def test_some_failures_brake(anonymous_client: ChainClient, hq_user: User) -> None:
    anonymous_client.cookies["django_language"] = "en"
    for _ in range(FAILURES):
        sign_in(anonymous_client, hq_user.email, "wrong")
    assert "Too many failed attempts." in text_of(sign_in(anonymous_client, hq_user.email))
    assert "_auth_user_id" not in anonymous_client.session


def test_success_counts_for_no_failure(anonymous_client: ChainClient, hq_user: User) -> None:
    for _ in range(FAILURES - 1):
        sign_in(anonymous_client, hq_user.email, "wrong")
    for _ in range(3):
        assert sign_in(anonymous_client, hq_user.email).status_code == 302  # type: ignore[attr-defined]
        anonymous_client.post("/sign-out/")


def test_sign_out_ends_the_session_and_takes_a_form(hq_client: ChainClient) -> None:
    hq_client.get("/sign-out/")
    assert hq_client.get("/repurchase/").status_code == 200
    assert hq_client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert hq_client.get("/repurchase/").headers["Location"].startswith("/sign-in/")


def test_sign_ins_from_one_network_are_counted_at_all_chains_together(
    anonymous_client: ChainClient, other_chain: Chain
) -> None:
    """django-allauth counts for each chain alone."""
    elsewhere = ChainClient(headers={"host": "other.localhost"})
    for client in (anonymous_client, elsewhere):
        for number in range(30):
            wrong = {"login": f"nobody{number}@acme.test", "password": "wrong"}
            assert client.post("/sign-in/", wrong).status_code == 200
    refused = elsewhere.post("/sign-in/", {"login": "somebody@acme.test", "password": "wrong"})
    assert refused.status_code == 429
    neighbour = ChainClient(headers={"host": "other.localhost"}, REMOTE_ADDR="203.0.113.9")
    assert neighbour.post("/sign-in/", {"login": "somebody@acme.test", "password": "wrong"}).status_code == 200
