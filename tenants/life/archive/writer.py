"""Writes a chain to an archive: one snapshot, streamed in blocks."""

import hashlib
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.db import transaction
from django.utils import timezone
from django_tenants.utils import tenant_context

from tenants.life.folders import files_folder
from tenants.models import Chain
from tenants.postgresql_backend.current import connection

from .manifest import EXCLUDED_TABLES, NAME, SCHEMA_TABLES, FileEntry, Manifest, TableEntry
from .tables import Table, copy_statement, migrations, sequences, tables

BLOCK_SIZE = 256 * 1024
# Called with done and total, roughly in bytes.
OnProgress = Callable[[int, int], None]


@dataclass
class _ProgressMeter:
    report: OnProgress
    total: int
    done: int = 0

    def add(self, weight: int) -> None:
        self.done += weight
        self.report(min(self.done, self.total), self.total)


def write_archive(chain: Chain, target: Path, *, on_progress: OnProgress = lambda _done, _total: None) -> Manifest:
    """Write the archive to a temporary file first, so that `target` is always complete."""
    draft = target.with_name(f".{target.name}.part")
    try:
        with (
            open(draft, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
        ):
            manifest = _write(chain, archive, on_progress)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _write(chain: Chain, archive: zipfile.ZipFile, on_progress: OnProgress) -> Manifest:
    folder = files_folder(chain.schema_name)
    with tenant_context(chain), connection().statement_timeout(0), transaction.atomic():
        with connection().cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tables_to_write = {name: table for name, table in tables().items() if name not in SCHEMA_TABLES}
        weights = [_weight(name, table) for name, table in tables_to_write.items()] + [
            path.stat().st_size for path in _files(folder)
        ]
        meter = _ProgressMeter(on_progress, sum(weights) or 1)
        manifest = Manifest(
            made_at=timezone.now().isoformat(timespec="seconds"),
            chain={
                "schema": chain.schema_name,
                "name": chain.name,
                "country": chain.country,
                "currency": chain.currency,
                "time_zone": chain.time_zone,
                "language": chain.language,
            },
            migrations=migrations(),
            tables=[_write_table(archive, name, table, meter) for name, table in tables_to_write.items()],
            sequences=sequences(),
        )
    manifest.files.extend(_write_files(archive, folder, meter))
    archive.writestr(NAME, manifest.as_json())
    return manifest


def _weight(name: str, table: Table) -> int:
    return 0 if name in EXCLUDED_TABLES else table.weight


def _write_table(archive: zipfile.ZipFile, name: str, table: Table, meter: _ProgressMeter) -> TableEntry:
    statement = copy_statement(name, table.columns, out=True)
    digest, size = hashlib.sha256(), 0
    with archive.open(f"tables/{name}.csv", "w", force_zip64=True) as entry, connection().cursor() as cursor:
        if name in EXCLUDED_TABLES:
            header = (",".join(table.columns) + "\n").encode()
            entry.write(header)
            return TableEntry(name, table.columns, 0, len(header), hashlib.sha256(header).hexdigest())
        with cursor.copy(statement) as copy:
            for block in copy:
                entry.write(block)
                digest.update(block)
                size += len(block)
        rows = cursor.rowcount
    meter.add(table.weight)
    return TableEntry(name, table.columns, rows, size, digest.hexdigest())


def _write_files(archive: zipfile.ZipFile, folder: Path, meter: _ProgressMeter) -> Iterator[FileEntry]:
    """Write the chain's files; one that is deleted meanwhile is left out."""
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            source = path.open("rb")
        except FileNotFoundError:
            continue
        with source, archive.open(f"files/{name}", "w", force_zip64=True) as entry:
            size, digest = _copy(source, entry)
        meter.add(size)
        yield FileEntry(name, size, digest)


def _copy(source: IO[bytes], entry: IO[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while block := source.read(BLOCK_SIZE):
        entry.write(block)
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    """Return regular files only: a symlink could point anywhere on the machine."""
    if not folder.is_dir():
        return []
    paths = (Path(folder_path, name) for folder_path, _dirs, names in os.walk(folder) for name in names)
    return sorted(path for path in paths if stat.S_ISREG(path.lstat().st_mode))
