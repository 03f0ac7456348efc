"""Restores an archive as a new chain: same rows, files and sequences, under another name."""

import shutil
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.db import DataError, IntegrityError, ProgrammingError, transaction
from django.db.migrations.executor import MigrationExecutor
from django_tenants.utils import tenant_context
from psycopg import sql

from core.accounts.password_links import remove_all_passwords, send_links_to_owners
from core.audit.trail import Subject, record
from tenants.life.archive import tables
from tenants.life.archive.errors import archive_damaged, archive_newer, unknown_part
from tenants.life.archive.manifest import EXCLUDED_TABLES, SCHEMA_TABLES, Manifest
from tenants.life.archive.reader import Archive
from tenants.life.declaration import Action, Kind
from tenants.life.folders import files_folder
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning.checks import clean_schema
from tenants.provisioning.creation import CreatedChain, create_chain, populate_chain
from tenants.provisioning.migrations import apply_migrations, chain_migrations
from tenants.signup.email_directory import rebuild_for_chain


def restore_chain(
    *,
    archive: Path,
    schema: str,
    domain: str | None = None,
    name: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> CreatedChain:
    """Create a chain from an archive, or raise AppError and leave nothing behind.

    Safe to interrupt and repeat: it is one transaction, and files are moved in just before its end. Files left by a
    failed commit are removed when the name is used again.

    Secrets are not restored: passwords, second factors, sessions, unsent mail. Owners are e-mailed a link to choose a
    password, everyone else requests one on the sign-in page.
    """
    clean_schema(schema)
    unpacked = Path(settings.MEDIA_ROOT) / f".restoring-{uuid.uuid4()}"
    try:
        with Archive(archive, on_progress=on_progress) as opened:
            manifest = opened.manifest
            _require_known_version(manifest)
            unpacked.mkdir(parents=True, mode=0o700)
            opened.extract_files(unpacked)
            with transaction.atomic():
                created = _create_chain(opened, manifest, schema=schema, domain=domain, name=name)
                chain = Chain.objects.get(schema_name=schema)
                rebuild_for_chain(chain)
                with tenant_context(chain):
                    send_links_to_owners()
                move_files(unpacked, schema)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    return created


def move_files(unpacked: Path, schema: str) -> None:
    unpacked.replace(files_folder(schema))


def _create_chain(
    opened: Archive, manifest: Manifest, *, schema: str, domain: str | None, name: str | None
) -> CreatedChain:
    chain = manifest.chain
    if not {"name", "country", "currency", "time_zone", "language"} <= chain.keys():
        raise archive_damaged("chain")
    return create_chain(
        schema=schema,
        name=name or chain["name"],
        domain=domain,
        country=chain["country"],
        currency=chain["currency"],
        time_zone=chain["time_zone"],
        language=chain["language"],
        fill=lambda: _populate(opened, manifest),
    )


def _require_known_version(manifest: Manifest) -> None:
    known = set(chain_migrations())
    if not manifest.migrations or any((app, name) not in known for app, name in manifest.migrations):
        raise archive_newer()


def _populate(opened: Archive, manifest: Manifest) -> None:
    """Create the schema as of the archive, load its rows, then apply newer migrations."""
    is_current = {tuple(one) for one in manifest.migrations} == set(chain_migrations())
    if is_current:
        populate_chain()
    else:
        _migrate_to(manifest.migrations)
    try:
        _load(opened, manifest)
    except (DataError, IntegrityError, ProgrammingError) as error:
        raise archive_damaged(str(getattr(error.__cause__, "sqlstate", "rows"))) from error
    if not is_current:
        apply_migrations()
    subject = Subject(Kind.CHAIN, str(connection().schema_name), manifest.chain["name"])
    record(action=Action.CHAIN_RESTORED, subject=subject, after={"made_at": manifest.made_at})


def _migrate_to(migrations: Sequence[Sequence[str]]) -> None:
    """Migrate to exactly these migrations. Raises AppError if they are not a consistent state."""
    executor = MigrationExecutor(connection())
    names = {(app, name) for app, name in migrations}
    graph = executor.loader.graph
    newest = [key for key in names if not any(child.key in names for child in graph.node_map[key].children)]
    if {key for target in newest for key in graph.forwards_plan(target)} != names:
        raise archive_damaged("migrations")
    executor.migrate(newest)


def _load(opened: Archive, manifest: Manifest) -> None:
    _require_same_tables(manifest)
    loaded_entries = [entry for entry in manifest.tables if entry.name not in EXCLUDED_TABLES]
    for entry in manifest.tables:
        if entry.name in EXCLUDED_TABLES:
            # Not loaded, but still read to the end, which verifies the checksum.
            for _block in opened.table(entry):
                pass
    with connection().cursor() as cursor:
        # Rows created by migrations are in the archive too, as the chain changed them.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        everything = sql.SQL(", ").join(sql.Identifier(entry.name) for entry in manifest.tables)
        cursor.execute(sql.SQL("TRUNCATE {}").format(everything))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for entry in loaded_entries:
            with cursor.copy(tables.copy_statement(entry.name, entry.columns, out=False)) as copy:
                for block in opened.table(entry):
                    copy.write(block)
            if cursor.rowcount != entry.rows:
                raise archive_damaged(entry.path)
        # Archives of earlier versions contain password hashes; none is restored.
        remove_all_passwords()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    tables.set_sequences({(entry.table, entry.column): entry for entry in manifest.sequences})


def _require_same_tables(manifest: Manifest) -> None:
    existing = {name: table for name, table in tables.tables().items() if name not in SCHEMA_TABLES}
    listed = {entry.name for entry in manifest.tables}
    if unknown_tables := listed - existing.keys():
        raise unknown_part(min(unknown_tables))
    if missing_tables := existing.keys() - listed:
        raise archive_damaged(min(missing_tables))
    for entry in manifest.tables:
        if entry.columns != existing[entry.name].columns:
            raise unknown_part(
                f"{entry.name}: {', '.join(sorted(set(entry.columns) ^ set(existing[entry.name].columns)))}"
            )
