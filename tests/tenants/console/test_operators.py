"""Making operators."""

import io
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from core.accounts.models import User
from core.shared.errors import AppError
from tenants.console.models import OperatorAction
from tenants.console.operators import deactivate_operator
from tenants.models import Chain
from tests.plugins.chains import PASSWORD, ChainClient, make_user, outside_chains
from tests.plugins.console import HOST, at_console, make_operator


def made(*words: str) -> str:
    told = StringIO()
    with outside_chains():
        call_command("create_operator", "--email", "New@Platform.test", *words, stdout=told)
    return told.getvalue()


def test_with_a_password(chain: Chain, monkeypatch: pytest.MonkeyPatch, no_second_factor: None) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a long way to the harbour\n"))
    assert "new@platform.test" in made("--password-from-stdin")
    client = at_console()
    client.post("/sign-in/", {"login": "new@platform.test", "password": "a long way to the harbour"})
    assert client.get("/tenants/chain/").status_code == 200


def test_by_a_link(chain: Chain, no_second_factor: None) -> None:
    link = made("--link").split()[-1]
    assert link.startswith("http://console.localhost/account/password/new/")
    client = at_console()
    response = client.get(link.removeprefix("http://console.localhost"))
    form = {"password1": "a long way to the harbour", "password2": "a long way to the harbour"}
    assert client.post(response.headers["Location"], form).status_code == 302
    client.post("/sign-in/", {"login": "new@platform.test", "password": "a long way to the harbour"})
    assert client.get("/tenants/chain/").status_code == 200


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        ("nobody", "a long way to the harbour", "email"),
        ("x@y.test", "short", "password: "),
        ("ops@platform.test", "a long way to the harbour", "already"),
    ],
)
def test_bad_ones_are_refused_in_words(
    operator: User, monkeypatch: pytest.MonkeyPatch, email: str, password: str, words: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    with outside_chains():
        before = User.objects.count()
        with pytest.raises(CommandError, match=words):
            call_command("create_operator", "--email", email, "--password-from-stdin")
        assert User.objects.count() == before


def test_no_link_without_a_console(chain: Chain, settings: Settings) -> None:
    settings.CONSOLE_HOSTS = []
    with pytest.raises(CommandError, match="CONSOLE_HOSTS"):
        made("--link")


def test_the_pages_of_operators_and_their_log(console_client: ChainClient, operator: User, chain: Chain) -> None:
    with outside_chains():
        OperatorAction.objects.create(operator=operator.email, chain=chain, chain_name="Acme", what="Suspension")
    assert operator.email in console_client.get("/accounts/user/").content.decode()
    said = console_client.get("/console/operatoraction/").content.decode()
    assert "Suspension" in said
    assert "Acme" in said
    # Nothing can be changed there.
    for address in ("/accounts/user/add/", f"/accounts/user/{operator.pk}/delete/", "/console/operatoraction/add/"):
        assert console_client.post(address).status_code == 403


def pressed(client: ChainClient, operator: User, what: str) -> str:
    assert client.get(f"/accounts/user/{operator.pk}/{what}/").status_code == 405
    response = client.post(f"/accounts/user/{operator.pk}/{what}/", follow=True)
    return str(response.content.decode())


def is_active(operator: User) -> bool:
    with outside_chains():
        return User.objects.get(pk=operator.pk).is_active


def noted() -> list[str]:
    with outside_chains():
        return list(OperatorAction.objects.exclude(what__startswith="Signed").values_list("what", flat=True))


def test_deactivate_and_let_in_again(console_client: ChainClient, no_second_factor: None) -> None:
    with outside_chains():
        other = make_operator("other@platform.test")
        client = ChainClient(headers={"host": HOST})
        client.force_login(other)
    assert "other@platform.test is out" in pressed(console_client, other, "deactivation")
    pressed(console_client, other, "deactivation")
    assert not is_active(other)
    assert client.get("/tenants/chain/").status_code == 302
    client.post("/sign-in/", {"login": other.email, "password": PASSWORD})
    assert client.get("/tenants/chain/").status_code == 302
    assert "can sign in again" in pressed(console_client, other, "reactivation")
    assert is_active(other)
    client.post("/sign-in/", {"login": other.email, "password": PASSWORD})
    assert client.get("/tenants/chain/").status_code == 200
    assert noted() == ["Reactivated operator other@platform.test", "Deactivated operator other@platform.test"]


def test_nobody_deactivates_oneself_and_so_never_the_last(console_client: ChainClient, operator: User) -> None:
    assert "ask another operator" in pressed(console_client, operator, "deactivation")
    assert is_active(operator)
    assert not noted()


def test_only_operators_are_found(console_client: ChainClient) -> None:
    with outside_chains():
        stranger = make_user("stranger@platform.test", role=User.Role.OWNER)
    assert "There is no such operator" in pressed(console_client, stranger, "deactivation")
    assert is_active(stranger)


def test_a_deactivated_operator_deactivates_nobody(operator: User) -> None:
    with outside_chains():
        other = make_operator("other@platform.test")
        User.objects.filter(pk=operator.pk).update(is_active=False)
        with pytest.raises(AppError, match="no operator any more"):
            deactivate_operator(acting_user=operator, operator_id=other.pk)
    assert is_active(other)


def test_an_operator_has_no_page_of_fields(operator: User, console_client: ChainClient) -> None:
    """Which would show what a password is checked against."""
    assert operator.email in console_client.get("/accounts/user/").content.decode()
    assert console_client.get(f"/accounts/user/{operator.pk}/change/").status_code == 404
    assert console_client.get("/billing/account/990001/change/").status_code == 404
