"""The page of the trail and its CSV: who may read them, what filters find, and that reading is bounded."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.audit import selectors
from core.audit.declaration import Action as TrailAction
from core.audit.models import AuditEntry
from core.audit.selectors import Cursor, EntryFilter, all_entries, entries
from core.audit.trail import Subject, record
from core.imports.declaration import Action as ImportsAction
from core.membership.declaration import Action as MembershipAction
from core.stores.declaration import Action as StoresAction
from tenants.models import Chain
from tests.plugins.chains import ChainClient, make_user, signed_in
from tests.plugins.salons import text_of

PAGES = ["/audit/", "/audit/export.csv"]


@pytest.fixture
def owner(chain: Chain) -> User:
    user = make_user("owner@acme.test", role=User.Role.OWNER)
    User.objects.update(language="en")
    return user


@pytest.fixture
def owner_client(owner: User) -> ChainClient:
    return signed_in(owner, host="acme.localhost")


def content_of(response: Any) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


@pytest.mark.parametrize("path", PAGES)
def test_the_owner_reads_it(owner_client: ChainClient, path: str) -> None:
    assert owner_client.get(path).status_code == 200
    assert owner_client.post(path).status_code == 405
    assert 'href="/audit/"' in owner_client.get("/stores/").content.decode()


def test_what_changed_is_named_in_the_readers_language(owner: User, owner_client: ChainClient) -> None:
    User.objects.update(language="zh-hans")
    record(
        action=StoresAction.STORE_CLOSED,
        acting_user=owner,
        before={"closed_on": None},
        after={"closed_on": "2025-03-01"},
    )
    said = text_of(owner_client.get("/audit/"))
    assert "停业日期" in said
    assert "closed on" not in said


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", [role for role in User.Role.values if role not in {"owner", "operator"}])
def test_no_one_else_does(chain: Chain, path: str, role: str) -> None:
    client = signed_in(make_user("someone@acme.test", role=role), host="acme.localhost")
    before = AuditEntry.objects.count()
    assert client.get(path).status_code == 403
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("path", PAGES)
def test_strangers_are_sent_to_sign_in(anonymous_client: ChainClient, other_client: ChainClient, path: str) -> None:
    for stranger in (anonymous_client, other_client):
        assert stranger.get(path, headers={"host": "acme.localhost"}).status_code == 302


def test_a_chain_reads_its_own_alone(owner_client: ChainClient, other_chain: Chain) -> None:
    with tenant_context(other_chain):
        record(action=MembershipAction.CLIENT_CHANGED, subject=Subject("client", "1", "Secretly other"))
    assert "Secretly other" not in owner_client.get("/audit/").content.decode()


def make(number: int, **values: Any) -> AuditEntry:
    entry = AuditEntry(actor=f"p{number}@acme.test", action="client.changed", **values)
    entry.save()
    return entry


def test_filters(owner_client: ChainClient) -> None:
    record(
        action=MembershipAction.CLIENT_CHANGED,
        subject=Subject("client", "1", "李娜"),
        before={"phone": "1"},
        after={"phone": "2"},
    )
    record(action=ImportsAction.IMPORTED, subject=Subject("importrun", "x", "tills.csv"))
    found = {
        "actor=owner@acme.test": ["Signed in"],
        "action=import": ["File imported"],
        "subject_type=client": ["Client's record changed"],
        "subject_type=client&subject_id=1": ["Client's record changed"],
        "subject_type=client&subject_id=2": [],
        "start=2001-01-01&end=2001-02-01": [],
        "start=2001-01-01": ["File imported", "Client's record changed", "Signed in"],
    }
    for query, expected in found.items():
        response = owner_client.get(f"/audit/?{query}")
        assert [row.action for row in response.context["rows"]] == expected, query
    text = text_of(owner_client.get("/audit/?action=client.changed"))
    assert "Client · 李娜 Phone 1 → 2" in text


@pytest.mark.parametrize(
    "query",
    ["action=nonsense", "start=2025-13-01", "start=0001-01-01", "end=9999-12-31", "start=2025-02-01&end=2025-01-01"],
)
def test_bad_filters_are_refused_in_words(owner_client: ChainClient, query: str) -> None:
    page = owner_client.get(f"/audit/?{query}")
    assert page.status_code == 200
    assert "Mend what is marked above." in text_of(page)
    assert owner_client.get(f"/audit/export.csv?{query}").status_code == 400


@pytest.mark.parametrize("after", ["x", "1-1", "1.1-x", "99999999999999999999.1-1", "1.1-99999999999999999999", "1.-1"])
def test_a_cursor_that_is_none_begins_anew(owner_client: ChainClient, after: str) -> None:
    assert len(owner_client.get("/audit/", {"after": after}).context["rows"]) == 1


def test_days_are_the_chains(chain: Chain) -> None:
    """Midnight in Shanghai is 16:00 of the day before in UTC."""
    entry = make(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    moment = datetime(2025, 3, 4, 16, tzinfo=UTC)
    entry = AuditEntry(actor="x", action="import")
    entry.pk = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: moment)
        entry.save()
    day = moment.replace(hour=0).date()
    assert entry not in entries(EntryFilter(start=day, end=day)).entries
    following = day.replace(day=5)
    assert entry in entries(EntryFilter(start=following, end=following)).entries


def test_pages_hold_each_entry_once_even_of_one_moment(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2025, 3, 4, 16, 0, 0, 123456, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    made = [make(number).pk for number in range(7)]
    seen: list[int] = []
    after: Cursor | None = None
    while True:
        piece = entries(EntryFilter(), after, 3)
        seen += [entry.pk for entry in piece.entries]
        if piece.following is None:
            break
        after = Cursor.parse(str(piece.following))
        assert after == piece.following
    assert seen == sorted(made, reverse=True)


def test_older_and_newest(owner_client: ChainClient) -> None:
    for number in range(selectors.ROWS):
        make(number)
    first = owner_client.get("/audit/")
    assert len(first.context["rows"]) == selectors.ROWS
    rest = owner_client.get("/audit/", {"after": str(first.context["following"])})
    assert [row.action for row in rest.context["rows"]] == ["Signed in"]
    assert rest.context["following"] is None


def test_a_page_takes_as_many_queries_for_many_entries_as_for_one(owner_client: ChainClient) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            owner_client.get("/audit/")
        return len(captured)

    queries()
    one = queries()
    for number in range(120):
        make(number)
    assert queries() == one


def test_the_csv_holds_everything_and_is_itself_in_the_trail(
    owner_client: ChainClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "BATCH", 10)
    for number in range(25):
        make(number, before={"name": "=1+1"}, after={"name": "李"}, subject_label="=cmd()")
    rows = list(csv.reader(io.StringIO(content_of(owner_client.get("/audit/export.csv")))))
    assert rows[0][:4] == ["When", "Who", "What", "Code of the action"]
    assert [row[3] for row in rows[1:]] == ["export", *["client.changed"] * 25, "sign_in"]
    assert rows[2][5] == "'=cmd()"
    assert rows[2][8] == '{"name": "李"}'
    downloaded = AuditEntry.objects.get(action=TrailAction.EXPORTED)
    assert downloaded.subject_type == "audit"


def test_the_csv_keeps_the_filters(owner_client: ChainClient) -> None:
    make(1)
    rows = content_of(owner_client.get("/audit/export.csv?action=client.changed")).splitlines()
    assert len(rows) == 2
    exported = AuditEntry.objects.get(action=TrailAction.EXPORTED)
    assert exported.after == {"action": "client.changed"}


def test_reading_everything_goes_in_batches(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "BATCH", 10)
    for number in range(25):
        make(number)
    with CaptureQueriesContext(connection) as captured:
        assert len(list(all_entries(EntryFilter()))) == 25
    assert len(captured) == 3


def test_in_chinese(owner_client: ChainClient) -> None:
    User.objects.update(language="zh-hans")
    text = text_of(owner_client.get("/audit/"))
    assert "操作记录" in text
    assert "登录" in text


def test_the_file_is_named_after_the_chains_day(owner_client: ChainClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half past eleven in Greenwich is the next day in Shanghai."""

    class Late(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2026, 3, 10, 23, 30, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr("core.shared.chain.datetime", Late)
    assert "acme_audit_2026-03-11.csv" in owner_client.get("/audit/export.csv").headers["Content-Disposition"]
