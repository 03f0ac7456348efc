"""What is left of a chain after it was erased: a record, and nothing else."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.jobs.tasks import run_chain_job
from core.shared.errors import AppError
from core.shared.origin import as_operator
from core.shared.tasks import CHAIN_HEADER
from tenants.console.action_log import log_action
from tenants.console.impersonation import start_impersonation
from tenants.console.models import OperatorAction, Restoration
from tenants.console.restorations import asked_for
from tenants.life import erasure as module
from tenants.life.erasure import erase_chain, erase_due_chains, request_erasure, withdraw_erasure
from tenants.life.folders import exports_folder, files_folder
from tenants.life.models import Erasure
from tenants.models import Chain, Domain
from tenants.postgresql_backend.current import connection
from tenants.provisioning import create_chain
from tests.plugins.chains import make_user, outside_chains
from tests.plugins.console import restoration
from tests.tenants.life.conftest import erasures_of


@pytest.fixture
def owner(chain: Chain) -> User:
    return make_user("owner@acme.test", role=User.Role.OWNER)


def traces(schema: str) -> list[int]:
    with outside_chains(), connection().cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = %s),"
            " (SELECT count(*) FROM pg_roles WHERE rolname LIKE current_database() || '\\_\\_' || %s || '\\_\\_%%')",
            [schema, schema],
        )
        rows = list(cursor.fetchone())
        rows += [Chain.objects.filter(schema_name=schema).count()]
        rows += [Domain.objects.filter(domain__startswith=f"{schema}.").count()]
    return [*rows, *(sum(1 for _ in folder(schema).rglob("*")) for folder in (files_folder, exports_folder))]


def test_nothing_is_left(furnished: Chain) -> None:
    schema = furnished.schema_name
    with tenant_context(furnished):
        cache.set("kept", "of the chain")
    exports_folder(schema).mkdir(parents=True)
    (exports_folder(schema) / "old.zip").write_bytes(b"x")
    assert traces(schema) == [1, 2, 1, 1, 3, 1]
    made = erase_chain(furnished, asked_by="operator")
    assert traces(schema) == [0] * 6
    assert made is not None
    assert (made.schema, made.asked_by) == ("", "operator")
    assert made.tables > 20
    assert made.in_backups_until == timezone.now().date() + timedelta(days=30)
    assert erasures_of(schema) == [made]
    assert erasures_of("another") == []
    assert schema not in str(list(Erasure.objects.values()))
    with tenant_context(furnished):
        assert cache.get("kept") is None


def texts_in_public(*words: str) -> list[tuple[str, str]]:
    """Tables and columns of `public` in which a word is to be read."""
    with outside_chains(), connection().cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables"
            " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY')"
        )
        found = []
        for table, column in cursor.fetchall():
            for word in words:
                cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}" WHERE strpos("{column}"::text, %s) > 0)', [word])
                found += [(table, column)] * cursor.fetchone()[0]
    return found


def test_what_operators_did_stays_without_its_name(furnished: Chain, committed_operator: User) -> None:
    schema, name = furnished.schema_name, furnished.name
    with tenant_context(furnished):
        user = User.objects.get()
    with outside_chains():
        restoration(schema, name=name, file=f"{schema}-1.zip", asked_by="x")
        restoration("another", file=f"{schema}-2.zip", asked_by="x")
        log_action(committed_operator, asked_for(schema))
        log_action(committed_operator, "Suspension", chain=furnished)
        log_action(committed_operator, f"Started again: erasures {schema}", chain=furnished)
        reason = f"Request 4711 of {name}"
        start_impersonation(furnished, acting_user=committed_operator, user_id=user.pk, reason=reason, back="/")
        assert ("console_operatoraction", "what") in texts_in_public(name, schema)
        erase_chain(furnished, asked_by="operator")
        assert texts_in_public(name, schema) == []
        done = ["Restoration asked for", "Suspension", "Started again", f"Went in as user {user.pk}"]
        log = list(OperatorAction.objects.order_by("pk").values_list("operator", "chain_name", "what"))
        assert log == [(committed_operator.email, "", what) for what in done]
        assert [one.arguments["schema"] for one in Restoration.objects.all()] == ["another"]


def test_a_task_for_an_erased_chain_ends_quietly(furnished: Chain, caplog: pytest.LogCaptureFixture) -> None:
    erase_chain(furnished, asked_by="operator")
    caplog.set_level("INFO")
    headers = {CHAIN_HEADER: furnished.schema_name}
    run_chain_job.apply_async(("00000000-0000-0000-0000-000000000000",), headers=headers)
    assert "no chain" in caplog.text


@pytest.mark.parametrize("step", ["drop_chain", "remove_folders", "delete_chain_keys"])
def test_cut_short_anywhere_it_is_finished_by_the_next_run(
    furnished: Chain, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def die(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    schema = furnished.schema_name
    with outside_chains():
        Chain.objects.filter(pk=furnished.pk).update(erase_at=timezone.now())
    with monkeypatch.context() as patch:
        patch.setattr(module, step, die)
        with pytest.raises(KeyboardInterrupt):
            erase_due_chains()
    if step != "drop_chain":
        # The last files are still there: no new chain may find them.
        with pytest.raises(AppError) as taken:
            create_chain(schema=schema, name="Too early")
        assert taken.value.code == "schema_taken"
    erase_due_chains()
    assert traces(schema) == [0] * 6
    assert len(erasures_of(schema)) == 1


def test_one_that_fails_does_not_stop_the_others(
    furnished: Chain, make_committed_chain: Callable[..., Chain], monkeypatch: pytest.MonkeyPatch
) -> None:
    second = make_committed_chain()
    with outside_chains():
        Chain.objects.filter(pk__in=[furnished.pk, second.pk]).update(erase_at=timezone.now())
    drop = module.drop_chain

    def drop_all_but_the_first(chain: Chain) -> None:
        if chain.pk == furnished.pk:
            raise RuntimeError("locked")
        drop(chain)

    with monkeypatch.context() as patch:
        patch.setattr(module, "drop_chain", drop_all_but_the_first)
        assert erase_due_chains() == 1
    assert traces(second.schema_name)[:4] == [0] * 4
    assert traces(furnished.schema_name) == [1, 2, 1, 1, 3, 0]


def test_it_is_not_erased_before_its_day_nor_when_taken_back(furnished: Chain) -> None:
    with tenant_context(furnished):
        owner = User.objects.get()
        request_erasure(furnished, acting_user=owner, typed_name=" 美丽  & Co ")
        assert furnished.erase_at is not None
    with outside_chains():
        assert erase_due_chains() == 0
    with tenant_context(furnished):
        withdraw_erasure(furnished, acting_user=owner)
    with outside_chains():
        again = Chain.objects.get(pk=furnished.pk)
        assert again.erase_at is None
        assert erase_chain(again, asked_by="owner", only_if_due=True) is None
    assert traces(furnished.schema_name)[:2] == [1, 2]


@pytest.mark.parametrize("who", ["owner", "operator"])
def test_the_record_says_who_asked(furnished: Chain, who: str) -> None:
    with tenant_context(furnished), as_operator("ops@platform.test" if who == "operator" else ""):
        owner = User.objects.get() if who == "owner" else None
        request_erasure(furnished, acting_user=owner, typed_name="美丽 & Co")
    with outside_chains():
        Chain.objects.filter(pk=furnished.pk).update(erase_at=timezone.now())
        assert erase_due_chains() == 1
        assert [one.asked_by for one in erasures_of(furnished.schema_name)] == [who]


def test_asking_is_told_to_every_owner_and_is_in_the_trail(chain: Chain, owner: User, hq_user: User) -> None:
    make_user("second@acme.test", role=User.Role.OWNER)
    request_erasure(chain, acting_user=owner, typed_name="Acme Beauty")
    assert sorted(one.to for one in mail.outbox) == [["owner@acme.test"], ["second@acme.test"]]
    assert "Acme Beauty" in mail.outbox[0].subject
    assert chain.erase_at is not None
    assert (chain.erase_at.date() - date.today()).days in {29, 30}  # noqa: DTZ011
    assert AuditEntry.objects.get().action == "chain.erasure_asked"


@pytest.mark.parametrize("typed", ["", "acme", "Acme beauty", "Acme Beauty Ltd"])
def test_another_name_changes_nothing(chain: Chain, owner: User, typed: str) -> None:
    with pytest.raises(AppError) as refused:
        request_erasure(chain, acting_user=owner, typed_name=typed)
    assert refused.value.code == "name_differs"
    with outside_chains():
        assert Chain.objects.get(pk=chain.pk).erase_at is None


def test_only_owners_ask(chain: Chain, hq_user: User) -> None:
    for act in (
        lambda: request_erasure(chain, acting_user=hq_user, typed_name="Acme Beauty"),
        lambda: withdraw_erasure(chain, acting_user=hq_user),
    ):
        with pytest.raises(AppError) as refused:
            act()
        assert refused.value.status == 403


def test_the_command_wants_the_name_twice(furnished: Chain, capsys: pytest.CaptureFixture[str]) -> None:
    schema = furnished.schema_name
    with pytest.raises(CommandError, match="nothing was erased"):
        call_command("erase_chain", "--chain", schema, "--confirm", "acme")
    assert traces(schema)[0] == 1
    call_command("erase_chain", "--chain", schema, "--confirm", schema)
    assert "Backups hold its data until" in capsys.readouterr().out
    assert traces(schema) == [0] * 6


@pytest.mark.parametrize("schema", ["", ".", "..", "a/b", "/", "a\\b"])
def test_folders_are_never_others(schema: str, places: Path) -> None:
    with pytest.raises(ValueError, match="Not the name of a schema"):
        files_folder(schema)
