"""What gets into the trail, and that nothing in it can be changed."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.test import RequestFactory
from django_tenants.utils import tenant_context
from pytest_django import Settings

from core.accounts.models import User
from core.audit.declaration import Action as TrailAction
from core.audit.models import AuditEntry
from core.audit.trail import HIDDEN, MAX_TEXT, Subject, record
from core.clients.models import Client
from core.imports.declaration import Action as ImportsAction
from core.imports.models import ImportRun
from core.membership.declaration import Action as MembershipAction
from core.shared.errors import AppError
from core.shared.origin import as_operator, origin_of, short_device
from core.stores.models import Store
from core.team.declaration import Action as TeamAction
from core.visits.services.lines import NewLine
from core.visits.services.visits import move_visit, record_visit, replace_lines, void_visit
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning.migrations import apply_migrations
from tenants.provisioning.schema import make_schema
from tests.plugins.chains import PASSWORD, ChainClient
from tests.plugins.imports import Importer

FORBIDDEN = [
    "UPDATE audit_auditentry SET actor = 'nobody'",
    "DELETE FROM audit_auditentry",
    "TRUNCATE audit_auditentry",
    "ALTER TABLE audit_auditentry DISABLE TRIGGER ALL",
    "DROP TABLE audit_auditentry",
    "GRANT UPDATE ON audit_auditentry TO CURRENT_USER",
]


def last() -> AuditEntry:
    found = AuditEntry.objects.order_by("pk").last()
    assert found is not None
    return found


def attempt(statement: str) -> None:
    refused = pytest.raises(DatabaseError, match=r"permission denied|must be owner")
    with refused, transaction.atomic(), connection().cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_runtime_role_only_adds_and_reads(chain: Chain, statement: str) -> None:
    record(action=TrailAction.SIGN_IN)
    if statement.startswith("GRANT"):
        with connection().cursor() as cursor:  # it warns that nothing was granted
            cursor.execute(statement)
        attempt(FORBIDDEN[0])
    else:
        attempt(statement)
    assert last().actor == "command line"


@pytest.mark.parametrize("statement", FORBIDDEN[:3])
def test_so_it_is_where_the_migrations_made_the_table(db: None, statement: str) -> None:
    make_schema("migrated", fill=apply_migrations)
    with tenant_context(Chain(schema_name="migrated", name="Migrated")):
        record(action=TrailAction.SIGN_IN)
        attempt(statement)
        with connection().as_owner(), connection().cursor() as cursor:
            cursor.execute("UPDATE audit_auditentry SET actor = 'the owner role may'")


def test_what_is_rolled_back_was_never_done(chain: Chain) -> None:
    with transaction.atomic():
        record(action=TrailAction.SIGN_IN)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()


def test_only_what_differs_is_kept(chain: Chain) -> None:
    record(
        action=MembershipAction.CLIENT_CHANGED,
        subject=Subject("client", "7", "Li"),
        before={"name": "Li", "phone": "1", "joined_on": date(2020, 1, 1)},
        after={"name": "Li", "phone": "2", "joined_on": date(2020, 1, 2)},
    )
    entry = last()
    assert (entry.before, entry.after) == (
        {"phone": "1", "joined_on": "2020-01-01"},
        {"phone": "2", "joined_on": "2020-01-02"},
    )


def test_where_nothing_differs_nothing_was_done(chain: Chain) -> None:
    record(action=MembershipAction.CLIENT_CHANGED, before={"name": "Li"}, after={"name": "Li"})
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "name", ["password", "new_password", "api_key", "apikey", "token", "TOTP_secret", "recovery_codes", "sessionid"]
)
def test_secrets_never_get_in(chain: Chain, name: str) -> None:
    record(
        action=TeamAction.USER_ROLE_CHANGED,
        before={name: "hunter1"},
        after={name: "hunter2", "of": [{name: ["hunter3"]}]},
    )
    entry = last()
    assert entry.before == {name: HIDDEN}
    assert entry.after == {name: HIDDEN, "of": [{name: HIDDEN}]}


def test_values_are_bounded_and_what_the_database_cannot_hold_is_left_out(chain: Chain) -> None:
    record(
        action=MembershipAction.CLIENT_CHANGED,
        after={"name": "长" * 10_000, "tail": "a\x00b", "many": list(range(9999))},
    )
    after: Any = last().after
    assert len(after["name"]) == MAX_TEXT
    assert after["tail"] == "ab"
    assert len(after["many"]) == 50


def test_an_operator_is_named_with_the_user_acted_for(hq_user: User) -> None:
    with as_operator("wang@revisit.test"):
        record(action=MembershipAction.CLIENT_CHANGED, acting_user=hq_user)
    record(action=MembershipAction.CLIENT_CHANGED, acting_user=hq_user)
    assert list(AuditEntry.objects.order_by("pk").values_list("actor", "user_id")) == [
        ("operator wang@revisit.test", hq_user.pk),
        ("hq@acme.test", hq_user.pk),
    ]


# --- what is covered


def test_sign_in_and_out_say_from_where(anonymous_client: ChainClient, hq_user: User) -> None:
    cache.clear()
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"
    given = {"login": "hq@acme.test", "password": "wrong"}
    for password in ("wrong", PASSWORD):
        anonymous_client.post("/sign-in/", given | {"password": password}, headers={"user-agent": agent})
    anonymous_client.post("/sign-out/")
    rows = AuditEntry.objects.order_by("pk").values_list("action", "actor", "ip", "device")
    assert list(rows) == [
        ("sign_in_failed", "hq@acme.test", "127.0.0.1", "Safari 18, iPhone"),
        ("sign_in", "hq@acme.test", "127.0.0.1", "Safari 18, iPhone"),
        ("sign_out", "hq@acme.test", "127.0.0.1", ""),
    ]
    assert "wrong" not in str(list(AuditEntry.objects.values()))


def test_a_stranger_cannot_fill_the_trail(anonymous_client: ChainClient, hq_user: User) -> None:
    cache.clear()
    for number in range(20):
        anonymous_client.post("/sign-in/", {"login": f"{number}@nobody.test", "password": "secret"})
    assert not AuditEntry.objects.exists()


def test_the_life_of_a_visit(manager_user: User, store: Store) -> None:
    client = Client.objects.create(ref="C1", name="李")
    at_ten = time(10)
    visit = record_visit(
        acting_user=manager_user,
        store=store,
        client=client,
        day=date(2025, 3, 4),
        start_time=at_ten,
        lines=[NewLine(amount=Decimal("88.5"))],
    )
    again = {"acting_user": manager_user, "visit_id": visit.pk}
    move_visit(**again, client=client, store=store, day=date(2025, 3, 5), start_time=at_ten)  # type: ignore[arg-type]
    replace_lines(**again, lines=[NewLine(amount=Decimal(90), quantity=Decimal(2))])  # type: ignore[arg-type]
    void_visit(**again)  # type: ignore[arg-type]
    entries = AuditEntry.objects.order_by("pk")
    assert {(entry.actor, entry.subject_type, entry.subject_id) for entry in entries} == {
        ("manager@acme.test", "visit", str(visit.pk))
    }
    assert [(entry.action, entry.before, entry.after) for entry in entries] == [
        (
            "visit.recorded",
            None,
            {
                "client": "李",
                "store": "S001",
                "day": "2025-03-04",
                "start_time": "10:00:00",
                "lines": ["uncategorised × 1: 88.50"],
            },
        ),
        ("visit.moved", {"day": "2025-03-04"}, {"day": "2025-03-05"}),
        (
            "visit.corrected",
            {"lines": ["uncategorised × 1: 88.50"]},
            {"lines": ["uncategorised × 2: 90.00"]},
        ),
        ("visit.voided", {"voided": False}, {"voided": True}),
    ]


def test_a_refused_change_is_not_in_it(manager_user: User, store: Store) -> None:
    elsewhere = Store.objects.create(code="S002", name="Two")
    with pytest.raises(AppError):
        record_visit(
            acting_user=manager_user,
            store=elsewhere,
            client=None,
            day=date(2025, 3, 4),
            lines=[NewLine(amount=Decimal(1))],
        )
    assert not AuditEntry.objects.exists()


def test_an_import_is_one_entry_and_a_trial_is_none(importer: Importer, receipts: ImportRun) -> None:
    importer.check(receipts, store="S001", create_missing="on")
    before = AuditEntry.objects.filter(action=ImportsAction.IMPORTED).count()
    importer.bring_in(receipts)
    assert before == 0
    entry = AuditEntry.objects.get(action=ImportsAction.IMPORTED)
    assert (entry.actor, entry.subject_label, entry.subject_id) == ("hq@acme.test", "receipts.csv", str(receipts.pk))
    assert entry.after is not None
    assert (entry.after["kind"], entry.after["rows"], entry.after["created"]) == ("visits", 3, 3)


@pytest.mark.parametrize("name", ["export.csv", "export.xlsx"])
def test_a_downloaded_report(hq_client: ChainClient, salon: dict[str, Store], name: str) -> None:
    hq_client.get(f"/repurchase/{name}", {"from": "2025-01-01", "to": "2026-01-01"})
    entry = last()
    assert (entry.action, entry.actor) == ("export", "hq@acme.test")
    assert entry.subject_label.startswith("acme_repurchase_rate_city_tier_2025-01-01_2026-01-01.")


# --- from where


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (3, "203.0.113.9", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "no address", None),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_only_our_own_proxies_are_believed(
    settings: Settings, proxies: int, forwarded: str, expected: str | None
) -> None:
    settings.PROXIES = proxies
    request = RequestFactory().get("/", headers={"x-forwarded-for": forwarded}, REMOTE_ADDR="10.0.0.1")
    assert origin_of(request).ip == expected


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0", "Edge 131, Windows"),
        (
            "Mozilla/5.0 (Linux; Android 14) Chrome/116.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.49.2600",
            "WeChat 8, Android",
        ),
        ("curl/8.1\x00\n", "curl/8.1"),
        ("x" * 5000, "x" * 80),
        ("", ""),
    ],
)
def test_devices_are_named_briefly(agent: str, expected: str) -> None:
    assert short_device(agent) == expected
