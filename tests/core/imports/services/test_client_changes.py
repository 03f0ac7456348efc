"""Clients whom a file changes: an entry each, with what differs and nothing else."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.clients.models import Client
from core.imports.declaration import Action as ImportsAction
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.imports.services.results import ImportRefused, ImportResult
from core.membership.declaration import Action as MembershipAction
from core.stores.models import Store

Bring = Callable[..., ImportResult]

HEAD = "client_ref,name,phone,birth_date,store_code,member_tier,referrer_ref\n"
FILE = HEAD + "C1,Ann,138001,1990-02-03,S1,gold,\nC2,Bea,138002,,S1,,C1\nC3,Cleo,138003,,,,\n"


@pytest.fixture(autouse=True)
def known(bring: Bring, stores: list[Store]) -> None:
    bring("clients", FILE)


def changes() -> dict[str, tuple[object, object]]:
    """By the name of the client."""
    found = AuditEntry.objects.filter(action=MembershipAction.CLIENT_CHANGED)
    return {entry.subject_label: (entry.before, entry.after) for entry in found}


def test_clients_that_a_file_makes_stand_in_its_own_entry() -> None:
    assert changes() == {}
    entry = AuditEntry.objects.get(action=ImportsAction.IMPORTED)
    assert entry.after == {"kind": "clients", "rows": 3, "created": 3}


def test_the_same_file_again_leaves_no_entry(bring: Bring) -> None:
    bring("clients", FILE)
    assert changes() == {}


def test_each_changed_client_has_an_entry_with_the_fields_that_differ(
    hq_user: User, write: Callable[[str], Path]
) -> None:
    path = write(HEAD + "C1,Anna,138001,1991-02-03,S2,silver,\nC2,Bea,,,,,C3\nC3,Cleo,138003,,,,\nC4,Dora,,,,,\n")
    import_file(kind="clients", source=path, options=ImportOptions(), acting_user=hq_user)
    today = timezone.localdate(timezone=ZoneInfo("Asia/Shanghai"))
    assert changes() == {
        "Anna": (
            {"name": "Ann", "birth_date": "1990-02-03", "store": "S1", "member_tier": "gold"},
            {"name": "Anna", "birth_date": "1991-02-03", "store": "S2", "member_tier": f"gold, silver {today}"},
        ),
        "Bea": ({"referrer": "C1"}, {"referrer": "C3"}),
    }
    entry = AuditEntry.objects.get(action=MembershipAction.CLIENT_CHANGED, subject_label="Anna")
    assert (entry.user_id, entry.actor) == (hq_user.pk, hq_user.email)
    assert (entry.subject_type, entry.subject_id) == ("client", str(Client.objects.get(ref="C1").pk))


def test_what_was_not_known_before_is_nothing(bring: Bring) -> None:
    bring("clients", "client_ref,birth_date,member_tier\nC3,1980-05-06,gold\n")
    assert changes() == {
        "Cleo": (
            {"birth_date": None, "member_tier": None},
            {"birth_date": date(1980, 5, 6).isoformat(), "member_tier": "gold"},
        )
    }


def test_the_client_of_a_store_that_counts_its_own_is_the_one_meant(bring: Bring) -> None:
    bring("clients", "client_ref,name\nC1,Abe\n", client_ref_per_store=True, store="S2")
    bring("clients", "client_ref,name\nC1,Abel\n", client_ref_per_store=True, store="S2")
    assert changes() == {"Abel": ({"name": "Abe"}, {"name": "Abel"})}


@pytest.mark.parametrize("options", [{"dry_run": True}, {}])
def test_what_is_not_kept_is_not_told(bring: Bring, options: dict[str, bool]) -> None:
    bad = "" if options else "C9,Zoe,,,S9,,\n"
    try:
        bring("clients", HEAD + "C1,Anna,,,,,\n" + bad, **options)
    except ImportRefused:
        assert bad
    assert changes() == {}
    assert Client.objects.get(ref="C1").name == "Ann"


def test_visits_change_no_client_and_say_how_many_they_made(bring: Bring) -> None:
    lines = "client_ref,started_at,amount,store_code,visit_ref\nC1,2025-03-04,10,S1,1\nN1,2025-03-04,10,S1,2\n"
    bring("visits", lines, create_missing=True)
    assert changes() == {}
    entry = AuditEntry.objects.filter(action=ImportsAction.IMPORTED).latest("pk")
    assert entry.after == {"kind": "visits", "rows": 2, "created": 2, "new_clients": 1}
