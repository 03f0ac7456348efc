"""A new chain from an archive: the same rows, files and counters, under a name of its own."""

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
from tenants.life.archive.manifest import LEFT_OUT, OF_THE_SCHEMA, Manifest
from tenants.life.archive.reading import Archive
from tenants.life.archive.refusals import damaged, newer, unknown
from tenants.life.declaration import Action, Kind
from tenants.life.folders import files_of
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning.checks import checked_schema
from tenants.provisioning.creation import CreatedChain, create_chain, fill_chain
from tenants.provisioning.migrations import apply_migrations, chain_migrations
from tenants.signup.directory import enter_all


def restore_chain(
    *,
    archive: Path,
    schema: str,
    domain: str | None = None,
    name: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> CreatedChain:
    """Makes a chain of an archive's contents, or raises AppError and leaves nothing behind.

    Killed at any point, it can be done again: all of it is one transaction, before whose end the files are moved in.
    Those of a chain that then never came are removed by the next to have its name.

    No secret comes with it: passwords, second factors, sessions, waiting mail. Owners get a link by mail to choose a
    password, everyone else has one sent from the sign-in page.
    """
    checked_schema(schema)
    unpacked = Path(settings.MEDIA_ROOT) / f".restoring-{uuid.uuid4()}"
    try:
        with Archive(archive, on_progress=on_progress) as opened:
            manifest = opened.manifest
            _refuse_newer(manifest)
            unpacked.mkdir(parents=True, mode=0o700)
            opened.extract_files(unpacked)
            with transaction.atomic():
                made = _create(opened, manifest, schema=schema, domain=domain, name=name)
                chain = Chain.objects.get(schema_name=schema)
                enter_all(chain)
                with tenant_context(chain):
                    send_links_to_owners()
                move_in(unpacked, schema)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    return made


def move_in(unpacked: Path, schema: str) -> None:
    unpacked.replace(files_of(schema))


def _create(opened: Archive, manifest: Manifest, *, schema: str, domain: str | None, name: str | None) -> CreatedChain:
    said = manifest.chain
    if not {"name", "country", "currency", "time_zone", "language"} <= said.keys():
        raise damaged("chain")
    return create_chain(
        schema=schema,
        name=name or said["name"],
        domain=domain,
        country=said["country"],
        currency=said["currency"],
        time_zone=said["time_zone"],
        language=said["language"],
        fill=lambda: _fill(opened, manifest),
    )


def _refuse_newer(manifest: Manifest) -> None:
    known = set(chain_migrations())
    if not manifest.migrations or any((app, name) not in known for app, name in manifest.migrations):
        raise newer()


def _fill(opened: Archive, manifest: Manifest) -> None:
    """The schema as it was when the archive was made, its rows, and then the migrations that have come since."""
    is_current = {tuple(one) for one in manifest.migrations} == set(chain_migrations())
    if is_current:
        fill_chain()
    else:
        _migrate_to(manifest.migrations)
    try:
        _load(opened, manifest)
    except (DataError, IntegrityError, ProgrammingError) as error:
        raise damaged(str(getattr(error.__cause__, "sqlstate", "rows"))) from error
    if not is_current:
        apply_migrations()
    subject = Subject(Kind.CHAIN, str(connection().schema_name), manifest.chain["name"])
    record(action=Action.CHAIN_RESTORED, subject=subject, after={"made_at": manifest.made_at})


def _migrate_to(wanted: Sequence[Sequence[str]]) -> None:
    """To exactly these migrations; raises AppError where no state of the schema has had just them."""
    executor = MigrationExecutor(connection())
    names = {(app, name) for app, name in wanted}
    graph = executor.loader.graph
    newest = [key for key in names if not any(child.key in names for child in graph.node_map[key].children)]
    if {key for target in newest for key in graph.forwards_plan(target)} != names:
        raise damaged("migrations")
    executor.migrate(newest)


def _load(opened: Archive, manifest: Manifest) -> None:
    _refuse_other_tables(manifest)
    own = [entry for entry in manifest.tables if entry.name not in LEFT_OUT]
    for entry in manifest.tables:
        if entry.name in LEFT_OUT:
            # Not taken over, but damage there is damage too: reading to the end compares the checksum.
            for _block in opened.table(entry):
                pass
    with connection().cursor() as cursor:
        # What the migrations have put in is in the archive too, as the chain has changed it.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        everything = sql.SQL(", ").join(sql.Identifier(entry.name) for entry in manifest.tables)
        cursor.execute(sql.SQL("TRUNCATE {}").format(everything))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for entry in own:
            with cursor.copy(tables.copy_statement(entry.name, entry.columns, out=False)) as copy:
                for block in opened.table(entry):
                    copy.write(block)
            if cursor.rowcount != entry.rows:
                raise damaged(entry.path)
        # Archives of earlier versions hold hashes of passwords. None is taken over.
        remove_all_passwords()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    tables.set_sequences({(entry.table, entry.column): entry for entry in manifest.sequences})


def _refuse_other_tables(manifest: Manifest) -> None:
    there = {name: table for name, table in tables.tables().items() if name not in OF_THE_SCHEMA}
    listed = {entry.name for entry in manifest.tables}
    if unknown_tables := listed - there.keys():
        raise unknown(min(unknown_tables))
    if missing := there.keys() - listed:
        raise damaged(min(missing))
    for entry in manifest.tables:
        if entry.columns != there[entry.name].columns:
            raise unknown(f"{entry.name}: {', '.join(sorted(set(entry.columns) ^ set(there[entry.name].columns)))}")
