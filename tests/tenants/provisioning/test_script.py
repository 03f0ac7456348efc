"""The prepared script gives exactly what running the migrations gives."""

import re

import pytest
from django_tenants.utils import schema_context

from tenants.postgresql_backend.current import connection
from tenants.provisioning import creation, script
from tenants.provisioning.migrations import apply_migrations
from tenants.provisioning.recording import SCRATCH_SCHEMA, RecordingError, record_chain_script
from tenants.provisioning.schema import make_schema
from tests.tenants.provisioning.catalogue import catalogue

RENEW = "The migrations changed: run `revisit record_chain_script` and commit tenants/provisioning/chain.sql."


def catalogue_of(schema):
    with schema_context(schema), connection().as_owner():
        return catalogue(schema)


def test_the_script_is_the_one_recorded_from_the_migrations(db):
    assert script.SCRIPT.read_text(encoding="utf-8") == record_chain_script(), RENEW
    assert script.current_script() is not None


def test_replaying_it_gives_what_migrating_gives(db):
    text = script.current_script()
    assert text is not None, RENEW
    make_schema("replayed", fill=lambda: connection().execute_script(text))
    make_schema("migrated", fill=apply_migrations)
    replayed, migrated = catalogue_of("replayed"), catalogue_of("migrated")
    for part in migrated:
        assert replayed[part] == migrated[part], part
    assert len(replayed["relations"]) > 50
    assert len(replayed["rows"]["membership_membertier"]) == 4


def test_it_names_no_schema(db):
    text = script.SCRIPT.read_text(encoding="utf-8")
    assert SCRATCH_SCHEMA not in text
    assert "public" not in text


def test_it_does_nothing_that_citus_refuses():
    """Identity given to a column afterwards, a constraint renamed, a column added with a check that has no name."""
    refused = r"ADD GENERATED|RENAME CONSTRAINT|ADD COLUMN(?![^;]*CONSTRAINT)[^;]*CHECK"
    assert not re.findall(refused, script.SCRIPT.read_text(encoding="utf-8"), re.IGNORECASE)


def test_recording_leaves_nothing_behind(db):
    record_chain_script()
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_roles WHERE rolname LIKE current_database() || '\\_\\_' || %s || '%%'",
            [SCRATCH_SCHEMA],
        )
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = %s", [SCRATCH_SCHEMA])
        assert cursor.fetchone() == (0,)


def test_an_old_script_is_not_used(db, monkeypatch, tmp_path, caplog):
    old = tmp_path / "chain.sql"
    old.write_text("-- migrations 0000\nSELECT nonsense;\n")
    monkeypatch.setattr(script, "SCRIPT", old)
    script.current_script.cache_clear()
    try:
        make_schema("fallback", fill=creation.populate_chain)
    finally:
        script.current_script.cache_clear()
    assert "record_chain_script" in caplog.text
    make_schema("migrated", fill=apply_migrations)
    assert catalogue_of("fallback") == catalogue_of("migrated")


def test_a_changed_migration_changes_the_digest(monkeypatch, tmp_path):
    class Copied:
        label, path = "copied", str(tmp_path)

    (tmp_path / "migrations").mkdir()
    migration = tmp_path / "migrations" / "0001_initial.py"
    monkeypatch.setattr(script, "chain_apps", lambda: [Copied])
    digests = set()
    for text in ("a", "b", "a"):
        migration.write_text(text)
        script.migrations_digest.cache_clear()
        digests.add(script.migrations_digest())
    script.migrations_digest.cache_clear()
    assert len(digests) == 2


def test_a_rollback_cannot_be_recorded(db, monkeypatch):
    def fill():
        with connection().cursor() as cursor:
            cursor.execute("SAVEPOINT here")
            cursor.execute("ROLLBACK TO SAVEPOINT here")

    monkeypatch.setattr("tenants.provisioning.recording.apply_migrations", fill)
    with pytest.raises(RecordingError, match="cannot repeat"):
        record_chain_script()
