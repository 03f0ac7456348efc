"""A client whose record was opened before the first day is returning, however that comes to be known."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from core.accounts.models import User
from core.clients.models import Client
from core.imports.undo.undoing import undo_import
from core.merging.services.merging import merge_clients
from core.merging.services.undoing import undo_merge
from core.profiles.services.editing import FIELDS, change_client
from core.reporting.answers import answer, document
from core.reporting.facts.refresh import refresh_all
from core.reporting.question import Question
from core.shared.errors import AppError
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tests.core.imports.undo.conftest import bring_run

DAY = date(2025, 3, 4)
QUESTION = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="acquisition")


@pytest.fixture
def media(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def client(hq_user: User, store: Store) -> Client:
    """Came once, which has been asked for and kept."""
    made = Client.objects.create(ref="1")
    record_visit(acting_user=hq_user, store=store, client=made, day=DAY, lines=[NewLine(amount=Decimal(5))])
    assert acquired() == "new"
    return made


def acquired() -> str:
    """As kept facts and facts made anew have it, in the repurchase rate and the volumes."""
    (group,) = answer(QUESTION).groups
    new = document(Question(metric="volumes", start=QUESTION.start, end=QUESTION.end))["total"]["new_clients"]
    assert (group.key == "new") == bool(new)
    return group.key


def change(client: Client, user: User, joined_on: date | None) -> None:
    client.refresh_from_db()
    values = {name: getattr(client, name) for name in FIELDS}
    change_client(client_id=client.pk, values={**values, "joined_on": joined_on}, acting_user=user)


def test_a_page_changes_it(client: Client, hq_user: User) -> None:
    for joined_on, expected in (
        (date(2025, 3, 3), "returning"), (DAY, "new"), (date(2019, 1, 1), "returning"), (date(2025, 3, 5), "new"),
        (date(1999, 12, 31), "returning"), (None, "new"),
    ):  # fmt: skip
        change(client, hq_user, joined_on)
        assert acquired() == expected, joined_on
        refresh_all()
        assert acquired() == expected, joined_on


def test_a_file_changes_it_and_taking_that_back(client: Client, hq_user: User, tmp_path: Path, media: None) -> None:
    run = bring_run("clients", "client_ref,joined_on\n1,2024-05-06\n2,2024-05-06\n", tmp_path)
    assert acquired() == "returning"
    # Says nothing new, and nothing at all.
    bring_run("clients", "client_ref,joined_on\n1,2024-05-06\n", tmp_path)
    bring_run("clients", "client_ref,joined_on,name\n1,,Li\n", tmp_path)
    assert acquired() == "returning"
    undo_import(run.pk, acting_user=hq_user)
    assert acquired() == "new"


def test_what_was_changed_since_stays(client: Client, hq_user: User, tmp_path: Path, media: None) -> None:
    run = bring_run("clients", "client_ref,joined_on\n1,2024-05-06\n", tmp_path)
    change(client, hq_user, date(2024, 5, 7))
    undo_import(run.pk, acting_user=hq_user)
    assert acquired() == "returning"


def test_a_merge_fills_it_in_and_taking_that_back(client: Client, hq_user: User) -> None:
    twin = Client.objects.create(ref="1b", joined_on=date(2024, 1, 1))
    merge = merge_clients(keep=client, gone=twin, acting_user=hq_user)
    assert acquired() == "returning"
    undo_merge(merge.pk, acting_user=hq_user)
    assert acquired() == "new"


def test_visits_go_by_the_record_that_is_kept(client: Client, hq_user: User) -> None:
    older = Client.objects.create(ref="1b", joined_on=date(2024, 1, 1))
    merge = merge_clients(keep=older, gone=client, acting_user=hq_user)
    assert acquired() == "returning"
    undo_merge(merge.pk, acting_user=hq_user)
    assert acquired() == "new"


def test_a_refused_change_changes_nothing(client: Client, manager_user: User) -> None:
    with pytest.raises(AppError):
        change(client, manager_user, date(2019, 1, 1))
    assert acquired() == "new"


def test_other_changes_refresh_no_facts(client: Client, hq_user: User, monkeypatch: Any) -> None:
    called: list[object] = []
    monkeypatch.setattr("core.reporting.receivers.refresh_clients", lambda *args: called.append(args))
    client.name = "Li"
    client.save()
    change(client, hq_user, None)
    assert not called
    change(client, hq_user, DAY)
    assert len(called) == 1
