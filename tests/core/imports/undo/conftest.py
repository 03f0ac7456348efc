"""Imports that can be taken back, and all that a chain holds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from core.imports.models import ImportRun
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions

BringRun = Callable[..., ImportRun]
# What an undo leaves behind: the trail, the runs themselves, and counts that come to nothing.
APART = {"audit_auditentry", "imports_importrun", "django_migrations", "django_session", "jobs_job"}
# Facts are kept as what came and went; that they are right is seen from the answers.
FACTS = "reporting_"


def bring_run(kind: str, content: str, folder: Path, **options: Any) -> ImportRun:
    path = folder / "file.csv"
    path.write_text(content)
    run = ImportRun.objects.create(kind=kind, file_name=path.name, dry_run=False, status=ImportRun.Status.DONE)
    import_file(kind=kind, source=path, options=ImportOptions(**options), run=run)
    return run


@pytest.fixture
def bring(media: Path, tmp_path: Path) -> BringRun:
    """Brings a file's content in, recorded: `bring("visits", text, create_missing=True)`."""
    return lambda kind, content, **options: bring_run(kind, content, tmp_path, **options)


def tables() -> dict[str, list[str]]:
    """All rows of the chain."""
    found = {}
    with connection.cursor() as cursor:
        for name in sorted(connection.introspection.django_table_names(only_existing=True)):
            if name not in APART and not name.startswith(FACTS):
                cursor.execute(f'SELECT t::text FROM "{name}" t ORDER BY 1')
                found[name] = [row for (row,) in cursor.fetchall()]
    return found
