"""An operator in a chain: in by a ticket, marked on every page, recorded as the operator, and out after an hour."""

import re
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django_tenants.utils import tenant_context

from core.accounts.models import SignInPolicy, User
from core.audit.models import AuditEntry
from core.impersonation import audit_entries, session
from core.impersonation.middleware import is_closed
from core.impersonation.session import issue_ticket
from core.imports.models import ImportRun
from core.jobs.models import Job
from core.shared.declarations import declared
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.console.tasks import refresh_chain_status
from tenants.models import Chain
from tests.isolation.test_requests import METRICS, SECRETS, address, patterns
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in
from tests.plugins.console import make_operator
from tests.plugins.imports import RECEIPTS, Importer

OPERATOR = "ops@platform.test"
REASON = "Request 4711: the import stops"


@pytest.fixture(autouse=True)
def operator(chain: Chain) -> User:
    with outside_chains():
        return make_operator(OPERATOR)


@pytest.fixture
def owner(chain: Chain) -> User:
    user = make_user("owner@acme.test", role=User.Role.OWNER)
    User.objects.filter(pk=user.pk).update(language="en")
    return user


def entered(user: User, host: str = "acme.localhost") -> tuple[ChainClient, Any]:
    ticket = issue_ticket(operator=OPERATOR, user=user, reason=REASON, back="http://console.localhost/back/")
    client = ChainClient(headers={"host": host})
    # The operator's own language, whatever the chain's.
    client.cookies.load({settings.LANGUAGE_COOKIE_NAME: "en"})
    return client, client.get(f"/operator/enter/?ticket={ticket}")


@pytest.fixture
def visitor(owner: User) -> ChainClient:
    return entered(owner)[0]


def test_in_and_out(owner: User) -> None:
    client, response = entered(owner)
    assert response.headers["Location"] == "/"
    page = client.get("/repurchase/").content.decode()
    assert OPERATOR in page
    assert REASON in page
    assert "Leave" in page
    left = client.post("/operator/leave/")
    assert "http://console.localhost/back/" in left.content.decode()
    assert client.get("/repurchase/").status_code == 302
    entries = AuditEntry.objects.order_by("pk")
    said = {"reason": REASON, "number": entries[0].after["number"]}
    assert [(entry.action, entry.actor, entry.after) for entry in entries] == [
        ("impersonation.began", f"operator {OPERATOR}", said),
        ("impersonation.ended", f"operator {OPERATOR}", said),
    ]
    assert {(entry.subject_type, entry.subject_id, entry.subject_label) for entry in entries} == {
        ("user", str(owner.pk), owner.name)
    }


def test_forms_of_before_are_no_good_in_it(owner: User) -> None:
    ticket = issue_ticket(operator=OPERATOR, user=owner, reason=REASON, back="")
    client = ChainClient(headers={"host": "acme.localhost"})
    client.get("/sign-in/")
    before = client.cookies[settings.CSRF_COOKIE_NAME].value
    client.get(f"/operator/enter/?ticket={ticket}")
    assert client.cookies[settings.CSRF_COOKIE_NAME].value != before


def test_the_owner_sees_it(visitor: ChainClient, owner: User) -> None:
    said = signed_in(owner, host="acme.localhost").get("/audit/").content.decode()
    assert f"operator {OPERATOR}" in said
    assert REASON in said


def test_a_ticket_is_good_once_and_in_its_chain(owner: User, other_chain: Chain) -> None:
    ticket = issue_ticket(operator=OPERATOR, user=owner, reason=REASON, back="")
    abroad = ChainClient(headers={"host": "other.localhost"})
    assert abroad.get(f"/operator/enter/?ticket={ticket}").status_code == 410
    # And is none for the ordinary way in.
    client = ChainClient(headers={"host": "acme.localhost"})
    client.get(f"/welcome/?ticket={ticket}")
    assert client.get("/repurchase/").status_code == 302
    assert client.get(f"/operator/enter/?ticket={ticket}").status_code == 302
    assert ChainClient(headers={"host": "acme.localhost"}).get(f"/operator/enter/?ticket={ticket}").status_code == 410
    assert AuditEntry.objects.count() == 1


def test_no_way_in_as_someone_deactivated(owner: User) -> None:
    ticket = issue_ticket(operator=OPERATOR, user=owner, reason=REASON, back="")
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert ChainClient(headers={"host": "acme.localhost"}).get(f"/operator/enter/?ticket={ticket}").status_code == 410
    assert not Session.objects.exists()


def test_the_users_own_sessions_stay_as_they_are(owner: User) -> None:
    own = signed_in(owner, host="acme.localhost")
    assert own.get("/audit/").status_code == 200
    listed = UserSession.objects.filter(user=owner).count()
    before = User.objects.values("last_login", "password").get(pk=owner.pk)
    client, _response = entered(owner)
    client.post("/operator/leave/")
    assert own.get("/audit/").status_code == 200
    assert UserSession.objects.filter(user=owner).count() == listed
    assert User.objects.values("last_login", "password").get(pk=owner.pk) == before


def test_it_ends_after_an_hour(visitor: ChainClient, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(session.time, "time", lambda: now + audit_entries.SECONDS - 5)
    assert visitor.get("/audit/").status_code == 200
    monkeypatch.setattr(session.time, "time", lambda: now + audit_entries.SECONDS + 5)
    assert visitor.get("/audit/").status_code == 302
    assert AuditEntry.objects.order_by("pk").last().action == "impersonation.ended"  # type: ignore[union-attr]
    assert visitor.cookies[settings.SESSION_COOKIE_NAME].value == ""


def ends() -> list[tuple[str, str]]:
    found = AuditEntry.objects.filter(action="impersonation.ended").order_by("pk")
    return list(found.values_list("actor", "subject_label"))


def test_a_browser_that_was_closed_is_seen_as_gone(visitor: ChainClient, owner: User) -> None:
    entered(owner)[0].post("/operator/leave/")
    audit_entries.end_those_over()
    assert len(ends()) == 1
    later = timezone.now() + timedelta(seconds=audit_entries.SECONDS + 5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit_entries.timezone, "now", lambda: later)
        refresh_chain_status()
        refresh_chain_status()
    # Once for the one who left and once for the one who did not.
    assert ends() == [(f"operator {OPERATOR}", owner.name)] * 2
    numbers = AuditEntry.objects.values_list("after__number", "action")
    assert len(set(numbers)) == 4


def test_a_request_that_comes_late_adds_no_second_end(visitor: ChainClient, monkeypatch: pytest.MonkeyPatch) -> None:
    late = time.time() + audit_entries.SECONDS + 5
    monkeypatch.setattr(audit_entries.timezone, "now", lambda: datetime.fromtimestamp(late, UTC))
    audit_entries.end_those_over()
    monkeypatch.undo()
    monkeypatch.setattr(session.time, "time", lambda: late)
    assert visitor.get("/audit/").status_code == 302
    assert len(ends()) == 1


def test_an_operator_who_is_none_any_more_is_out_at_once(visitor: ChainClient, operator: User) -> None:
    assert visitor.get("/audit/").status_code == 200
    with outside_chains():
        User.objects.filter(pk=operator.pk).update(is_active=False)
    assert visitor.post("/stores/", {"code": "S1"}).status_code in {302, 405}
    assert visitor.get("/audit/").headers["Location"].startswith("/sign-in/")
    assert len(ends()) == 1
    with outside_chains():
        User.objects.filter(pk=operator.pk).update(is_active=True)
    assert visitor.get("/audit/").status_code == 302
    assert not Session.objects.exists()


def test_what_asking_about_the_operator_costs(visitor: ChainClient, owner: User) -> None:
    own = signed_in(owner, host="acme.localhost")
    for client in (own, visitor):
        client.get("/team/roles/")
    with CaptureQueriesContext(connection) as of_owner:
        own.get("/team/roles/")
    with CaptureQueriesContext(connection) as of_visitor:
        visitor.get("/team/roles/")
    tables = [sum("FROM" in query["sql"] for query in asked.captured_queries) for asked in (of_owner, of_visitor)]
    assert tables[1] <= tables[0] + 1


# The arguments of routes that are numbers or codes.
TAKEN = (
    "client_id", "profile_id", "store_id", "city_id", "staff_id", "service_id", "user_id", "pk", "domain_id",
    "claim_id", "invoice_id", "merge_id", "record_id", "category_id", "first_id", "second_id", "contact_id", "group_id",
)  # fmt: skip
PAGES = (
    "/overview/", "/repurchase/", "/stores/", "/stores/regions/", "/clients/", "/follow-up/", "/team/", "/team/roles/",
    "/imports/", "/merges/", "/jobs/",
    "/audit/", "/services/", "/staff/", "/settings/", "/billing/", "/no/",
    "/value-segments/thresholds/", "/metrics/", "/exports/",
)  # fmt: skip


@pytest.mark.parametrize("erasing", [False, True])
def test_no_page_leads_where_operators_may_not_go(
    visitor: ChainClient, owner: User, chain: Chain, *, erasing: bool
) -> None:
    make_user("another@acme.test", role=User.Role.HQ)
    invited = make_user("invited@acme.test", role=User.Role.HQ)
    User.objects.filter(pk=invited.pk).update(is_active=False, invited_at=timezone.now())
    Job.objects.create(kind="export", state="done", asked_by="x")
    Job.objects.create(kind="export", state="failed", asked_by="x")
    if erasing:
        with outside_chains():
            Chain.objects.filter(pk=chain.pk).update(erase_at="2099-01-01T00:00Z")
    own = signed_in(owner, host="acme.localhost")
    for page in PAGES:
        assert closed_links(visitor, page) == set(), page
    # The owner does see them.
    assert len(set.union(*(closed_links(own, page) for page in PAGES))) >= 6


def closed_links(client: ChainClient, page: str) -> set[str]:
    response = client.get(page, follow=True)
    assert response.status_code == (404 if page == "/no/" else 200), page
    found = set()
    for link in re.findall(r'(?:href|action|hx-get|hx-post)="(/[^"?#]*)', response.content.decode()):
        try:
            name = resolve(link).view_name
        except Resolver404:
            continue
        if is_closed(name):
            found.add(name)
    return found


@pytest.mark.parametrize(
    "name",
    [
        "account_change_password", "account_email", "account_reauthenticate", "account_reset_password",
        "account_logout", "mfa_index", "mfa_activate_totp", "mfa_generate_recovery_codes", "usersessions_list",
    ],
)  # fmt: skip
def test_what_is_the_persons_own_stays_closed(visitor: ChainClient, name: str) -> None:
    for method in ("get", "post"):
        assert getattr(visitor, method)(reverse(name)).status_code == 403


def test_what_outlasts_the_hour_or_is_the_owners_alone_stays_closed(visitor: ChainClient, owner: User) -> None:
    before = list(User.objects.values())
    seen, closed = set(), set(declared("CLOSED_TO_OPERATORS", str))
    for target, name in targets(owner):
        if name in closed:
            seen.add(name)
            for method in ("get", "post"):
                assert getattr(visitor, method)(target).status_code == 403, name
    assert seen == closed
    assert list(User.objects.values()) == before
    with outside_chains():
        assert Chain.objects.get(schema_name="acme").erase_at is None


# What an operator may send, too: the daily work, which is recorded as the operator's, and what needs no one signed in.
ALLOWED = frozenset(
    """
    impersonation:leave language start:confirm-email team:join start:load-sample start:remove-sample
    imports:new imports:begin-upload imports:discard-upload
    imports:detail imports:bring-in imports:answer imports:again imports:undo
    imports:rename-profile imports:forget-profile jobs:cancel
    stores:opening stores:editing stores:deletion stores:closing stores:reopening
    stores:cities stores:city stores:city-removal
    stores:groups stores:group stores:group-joining stores:group-leaving stores:group-deletion
    merges:new merges:undo merges:different
    services:detail services:deletion services:category services:category-deletion staff:detail staff:deletion
    clients:edit clients:deletion reports:thresholds
    followup:contacts followup:contact followup:removal followup:lifting
    """.split()  # noqa: SIM905
)


def targets(owner: User, code: str = "1") -> Iterator[tuple[str, str]]:
    """The address and name of each of a chain's routes, with objects that need not be there."""
    objects = {
        **dict.fromkeys(TAKEN, 1),
        "kind": "store",
        **dict.fromkeys(("run_id", "upload_id", "export_id", "job_id"), str(uuid.uuid4())),
        **SECRETS,
        **METRICS,
    }
    for path, _pattern in patterns():
        target = address(path, {**objects, "code": code, "user_id": owner.pk})
        yield target, resolve(target).view_name


def test_whatever_can_be_sent_is_closed_or_allowed_by_name(owner: User, store: Store) -> None:
    """A new view that takes a form has to be put on one of the two lists."""
    # So that the store is not deleted on the way.
    record_visit(acting_user=owner, store=store, client=None, day=date(2025, 6, 1), lines=[NewLine(amount=Decimal(1))])
    sent = {name for target, name in targets(owner, store.code) if takes_forms(owner, target, name)}
    assert sent - ALLOWED == set()
    assert ALLOWED - sent == set()
    assert not any(is_closed(name) for name in ALLOWED)


def takes_forms(owner: User, target: str, name: str) -> bool:
    return not is_closed(name) and signed_in(owner, host="acme.localhost").post(target).status_code != 405


def test_the_owner_alone_may_after_all(owner: User) -> None:
    assert signed_in(owner, host="acme.localhost").get("/account/password/").status_code == 200


def test_what_is_done_is_recorded_as_the_operators(visitor: ChainClient, files: Any, store: Any, owner: User) -> None:
    """In the request and in the background."""
    importer = Importer(visitor)
    run = importer.uploaded(RECEIPTS)
    importer.check(run, store="S001", create_missing="on")
    importer.bring_in(run)
    assert run.status == ImportRun.Status.DONE
    done = AuditEntry.objects.filter(action="import").latest("pk")
    assert (done.actor, done.user_id) == (f"operator {OPERATOR}", owner.pk)


def test_the_chains_second_factor_asks_the_operator_for_none(visitor: ChainClient, owner: User) -> None:
    SignInPolicy.objects.create(requires_second_factor=True)
    assert visitor.get("/audit/").status_code == 200
    assert signed_in(owner, host="acme.localhost").get("/audit/").status_code == 302


def test_the_language_of_the_user_stays(visitor: ChainClient, owner: User) -> None:
    visitor.post("/language/", {"language": "zh-hans"})
    assert visitor.get("/audit/").headers["Content-Language"] == "zh-hans"
    owner.refresh_from_db()
    assert owner.language == "en"


def test_leaving_works_in_a_suspended_chain(visitor: ChainClient, chain: Chain) -> None:
    with outside_chains():
        Chain.objects.filter(pk=chain.pk).update(read_only_since="2026-01-01T00:00Z")
    assert visitor.post("/operator/leave/").status_code == 200


def test_who_is_no_operator_has_nothing_to_leave(hq_client: ChainClient) -> None:
    assert hq_client.post("/operator/leave/").status_code == 302
    assert hq_client.get("/operator/leave/").status_code == 405
    assert hq_client.post("/operator/enter/").status_code == 405
    assert hq_client.get("/repurchase/").status_code == 200


def test_no_banner_elsewhere(hq_client: ChainClient, other_chain: Chain) -> None:
    assert "impersonation" not in hq_client.get("/repurchase/").content.decode()
    with tenant_context(other_chain):
        assert not AuditEntry.objects.exists()
