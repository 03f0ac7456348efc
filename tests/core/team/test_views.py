import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail

from core.accounts.models import SignInPolicy, User
from core.accounts.policy import has_second_factor
from core.accounts.rights import CHAIN_ROLES, Role, rights
from core.audit.models import AuditEntry
from core.stores.models import RegionAccess, Store, StoreAccess
from core.team.declaration import MANAGE_TEAM
from tests.plugins.chains import ChainClient, make_user, signed_in, signed_in_by_two_steps
from tests.plugins.salons import text_of

GOOD = "a walk along the river"


@pytest.fixture
def owner(salon: dict[str, Store]) -> User:
    user = make_user("owner@acme.test", role=Role.OWNER)
    user.language = "en"
    user.save()
    return user


@pytest.fixture
def client(owner: User) -> ChainClient:
    return signed_in(owner, host="acme.localhost")


@pytest.fixture
def stranger(salon: dict[str, Store]) -> ChainClient:
    made = ChainClient(headers={"host": "acme.localhost"})
    made.cookies["django_language"] = "en"
    return made


def invite(client: ChainClient, **fields: object) -> str:
    """The link in the mail."""
    data = {"email": "new@acme.test", "name": "Na Wu", "role": "store_manager", "stores": ["S001"], **fields}
    response = client.post("/team/invite/", data)
    assert response.status_code == 302, text_of(response)
    found = re.search(r"http://acme\.localhost(/team/join/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def join(client: ChainClient, link: str, **fields: str) -> Any:
    """Open the link and send the form that it leads to."""
    opened = client.get(link, follow=True)
    if opened.status_code != 200:
        return opened
    return client.post(opened.request["PATH_INFO"], {"name": "Na Wu", "password": GOOD, **fields})


def test_stores_are_ticked_one_by_one(client: ChainClient, manager_user: User) -> None:
    """In a list box, a click that is meant to add one would drop all others."""
    page = client.get(f"/team/{manager_user.pk}/").content.decode()
    ticked = re.findall(r'<input type="checkbox" name="stores" value="(\w+)"[^>]* checked>', page)
    assert ticked == list(manager_user.store_access.values_list("store__code", flat=True))
    assert '<select name="stores"' not in page


@pytest.mark.parametrize("role", CHAIN_ROLES)
@pytest.mark.parametrize("path", ["/team/", "/team/invite/"])
def test_only_who_manages_the_team_sees_it(salon: dict[str, Store], role: Role, path: str) -> None:
    user = make_user(f"{role}@acme.test", role=role)
    expected = 200 if user.may(MANAGE_TEAM) else 403
    assert signed_in(user, host="acme.localhost").get(path).status_code == expected


def test_everyone_may_read_the_matrix(manager_client: ChainClient, salon: dict[str, Store]) -> None:
    User.objects.update(language="en")
    page = text_of(manager_client.get("/team/roles/"))
    assert "You are: Store manager" in page
    for right in rights():
        assert str(right.label) in page.replace("’", "'")


@pytest.mark.parametrize(
    "path",
    ["deactivate/", "reactivate/", "second-factor/take-off/", "invitation/send/", "invitation/take-back/", ""],
    ids=lambda path: path or "save",
)
def test_a_refused_request_changes_nothing(hq_client: ChainClient, owner: User, manager_user: User, path: str) -> None:
    TOTP.activate(manager_user, "JBSWY3DPEHPK3PXP")
    before = list(User.objects.order_by("pk").values())
    response = hq_client.post(f"/team/{manager_user.pk}/{path}", {"role": "owner"})
    assert response.status_code == 403
    assert list(User.objects.order_by("pk").values()) == before
    assert has_second_factor(manager_user)


@pytest.mark.parametrize(
    "path",
    ["second-factor/", "1/deactivate/", "1/reactivate/", "1/second-factor/take-off/", "1/invitation/send/"],
)
def test_changes_are_posted(client: ChainClient, path: str) -> None:
    assert client.get(f"/team/{path}").status_code == 405


def test_the_team_takes_few_queries(
    client: ChainClient, owner: User, salon: dict[str, Store], django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        user = make_user(f"desk{number}@acme.test", role=Role.FRONT_DESK)
        StoreAccess.objects.create(user=user, store=salon["S002"])
    client.get("/team/")
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        page = text_of(client.get("/team/"))
    assert "desk29@acme.test" in page
    assert "合肥万象店" in page


def test_an_invited_manager_comes_and_sees_only_the_own_store(client: ChainClient, stranger: ChainClient) -> None:
    link = invite(client)
    assert mail.outbox[-1].to == ["new@acme.test"]
    assert "invited" in text_of(client.get("/team/"))
    page = stranger.get(link, follow=True)
    assert page.status_code == 200
    assert "You will sign in with new@acme.test" in text_of(page)
    response = join(stranger, link)
    assert response.headers["Location"] == "/"
    assert stranger.get("/").headers["Location"] == "/stores/S001/"
    assert stranger.get("/stores/S002/").status_code == 404
    assert stranger.get("/repurchase/").status_code == 403
    stranger.post("/sign-out/")
    signed = stranger.post("/sign-in/", {"login": "new@acme.test", "password": GOOD})
    assert signed.headers["Location"] == "/"


def test_a_link_is_good_once(client: ChainClient, stranger: ChainClient) -> None:
    link = invite(client)
    late = ChainClient(headers={"host": "acme.localhost"})
    late.get(link)
    join(stranger, link)
    stranger.post("/sign-out/")
    again = stranger.get(link)
    assert again.status_code == 410
    assert "This link is not good (any more)" in text_of(again)
    for address, browser in ((link, stranger), ("/team/join/link/", stranger), ("/team/join/link/", late)):
        assert browser.post(address, {"name": "X", "password": "another password"}).status_code == 410


def test_the_form_without_a_link_is_refused(stranger: ChainClient) -> None:
    page = stranger.get("/team/join/link/")
    assert page.status_code == 410
    assert "Open it from the mail again." in text_of(page)


def test_a_link_sent_again_replaces_the_one_before(client: ChainClient, stranger: ChainClient) -> None:
    first = invite(client)
    user = User.objects.get(email="new@acme.test")
    client.post(f"/team/{user.pk}/invitation/send/")
    second = re.search(r"http://acme\.localhost(/team/join/\S+)", str(mail.outbox[-1].body))
    assert second
    assert stranger.get(first).status_code == 410
    assert stranger.get(second[1], follow=True).status_code == 200


def test_an_invitation_taken_back_is_good_no_more(client: ChainClient, stranger: ChainClient) -> None:
    link = invite(client)
    user = User.objects.get(email="new@acme.test")
    client.post(f"/team/{user.pk}/invitation/take-back/")
    assert stranger.get(link).status_code == 410
    assert not User.objects.filter(email="new@acme.test").exists()
    assert client.post(f"/team/{user.pk}/invitation/send/").status_code == 404


def test_a_late_or_forged_link_is_refused(
    client: ChainClient, stranger: ChainClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = invite(client)
    assert stranger.get(link[:-3] + "xx/").status_code == 410
    later = time.time() + 7 * 24 * 3600 + 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert stranger.get(link).status_code == 410


def test_a_link_of_one_chain_is_nothing_in_another(client: ChainClient, other_client: ChainClient) -> None:
    assert ChainClient(headers={"host": "other.localhost"}).get(invite(client)).status_code == 410


def test_a_link_forwarded_to_someone_who_is_signed_in_is_refused(
    client: ChainClient, manager_client: ChainClient
) -> None:
    User.objects.update(language="en")
    page = manager_client.get(invite(client), follow=True)
    assert page.status_code == 409
    assert "This invitation is for new@acme.test, and you are signed in as manager@acme.test" in text_of(page)


def test_the_invited_cannot_sign_in_or_reset_before_they_come(client: ChainClient, stranger: ChainClient) -> None:
    invite(client)
    sent = len(mail.outbox)
    stranger.post("/account/password/forgotten/", {"email": "new@acme.test"})
    assert len(mail.outbox) == sent


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"email": "owner@acme.test"}, "owner@acme.test is in the team already."),
        ({"email": "no address"}, "Enter a valid email address."),
        ({"role": "operator"}, "Select a valid choice."),
        ({"stores": []}, "Choose the stores the person works in."),
        ({"role": "regional_manager", "stores": []}, "Choose the regions the person looks after."),
    ],
)
def test_what_is_wrong_with_an_invitation_is_said_at_the_field(
    client: ChainClient, fields: dict[str, object], says: str
) -> None:
    people = User.objects.count()
    data = {"email": "new@acme.test", "role": "store_manager", "stores": ["S001"], **fields}
    response = client.post("/team/invite/", data)
    assert response.status_code == 400
    assert says in text_of(response)
    assert User.objects.count() == people
    assert not mail.outbox


def test_a_weak_password_is_named_and_the_link_stays_good(client: ChainClient, stranger: ChainClient) -> None:
    link = invite(client)
    response = join(stranger, link, password="password123")
    assert response.status_code == 400
    assert "This password is too common." in text_of(response)
    assert stranger.get(link, follow=True).status_code == 200


def test_a_role_and_its_places_are_changed(client: ChainClient, manager_user: User, salon: dict[str, Store]) -> None:
    client.post(f"/team/{manager_user.pk}/", {"role": "regional_manager", "regions": ["华东"]})
    manager_user.refresh_from_db()
    assert manager_user.role == Role.REGIONAL_MANAGER
    assert list(RegionAccess.objects.values_list("region", flat=True)) == ["华东"]
    assert not StoreAccess.objects.filter(user=manager_user).exists()


def test_the_deactivated_are_out_at_once_and_can_come_back(
    client: ChainClient, manager_client: ChainClient, manager_user: User
) -> None:
    client.post(f"/team/{manager_user.pk}/deactivate/")
    assert manager_client.get("/stores/").headers["Location"].startswith("/sign-in/")
    client.post(f"/team/{manager_user.pk}/reactivate/")
    assert signed_in(User.objects.get(pk=manager_user.pk), host="acme.localhost").get("/stores/").status_code == 200


def test_the_last_owner_stays(client: ChainClient, owner: User) -> None:
    assert client.post(f"/team/{owner.pk}/deactivate/").status_code == 409
    response = client.post(f"/team/{owner.pk}/", {"role": "hq"})
    assert "The chain needs an owner" in text_of(response)
    make_user("second@acme.test", role=Role.OWNER)
    assert client.post(f"/team/{owner.pk}/", {"role": "hq"}).status_code == 302


def test_a_person_of_another_chain_is_unknown(client: ChainClient) -> None:
    assert client.get("/team/999999/").status_code == 404
    assert client.post("/team/999999/deactivate/").status_code == 404


def test_the_chain_can_ask_everyone_for_a_second_factor(
    client: ChainClient, owner: User, hq_client: ChainClient
) -> None:
    refused = client.post("/team/second-factor/", {"required": "1"})
    assert refused.status_code == 409
    assert "Set up two-step sign-in for yourself first." in text_of(refused)
    TOTP.activate(owner, "JBSWY3DPEHPK3PXP")
    assert hq_client.get("/stores/").status_code == 200
    client.post("/team/second-factor/", {"required": "1"})
    client = signed_in_by_two_steps(owner, host="acme.localhost")
    assert hq_client.get("/stores/").headers["Location"] == "/account/two-step/totp/activate/"
    assert hq_client.get("/account/sessions/").status_code == 200
    assert client.get("/stores/").status_code == 200
    client.post("/team/second-factor/", {"required": "0"})
    assert hq_client.get("/stores/").status_code == 200
    assert not SignInPolicy.objects.get().requires_second_factor


def test_an_owner_takes_a_lost_second_factor_off(
    client: ChainClient, owner: User, manager_user: User, stranger: ChainClient
) -> None:
    TOTP.activate(manager_user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(manager_user)
    manager_user.set_password(GOOD)
    manager_user.save()
    sign_in = {"login": manager_user.email, "password": GOOD}
    assert stranger.post("/sign-in/", sign_in).headers["Location"].startswith("/account/two-step/")
    assert "Take it off" in text_of(client.get(f"/team/{manager_user.pk}/"))
    response = client.post(f"/team/{manager_user.pk}/second-factor/take-off/")
    assert response.headers["Location"] == f"/team/{manager_user.pk}/"
    assert not Authenticator.objects.filter(user=manager_user).exists()
    assert "Take it off" not in text_of(client.get(f"/team/{manager_user.pk}/"))
    entry = AuditEntry.objects.get(action="user.second_factor_removed")
    assert (entry.user_id, entry.subject_id) == (owner.pk, str(manager_user.pk))
    assert mail.outbox[-1].to == [manager_user.email]
    assert "Two-step sign-in is taken off your account" in mail.outbox[-1].subject
    assert str(owner) in str(mail.outbox[-1].body)
    # Who waits at the second step is led back to the first, which is enough now.
    assert stranger.get("/account/two-step/authenticate/").headers["Location"] == "/sign-in/"
    assert stranger.get("/sign-in/").status_code == 200
    assert stranger.post("/sign-in/", sign_in).headers["Location"] == "/"


def test_who_has_none_or_asks_for_oneself_is_told(client: ChainClient, owner: User, manager_user: User) -> None:
    refused = client.post(f"/team/{manager_user.pk}/second-factor/take-off/")
    assert refused.status_code == 409
    assert "signs in with a password alone" in text_of(refused)
    TOTP.activate(owner, "JBSWY3DPEHPK3PXP")
    assert client.post(f"/team/{owner.pk}/second-factor/take-off/").status_code == 409
    assert has_second_factor(owner)
    assert not mail.outbox
