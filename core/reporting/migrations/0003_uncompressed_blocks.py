"""Columns of blocks that compress little are kept as they are: trying takes longer than writing them, and saves less
than a quarter.

It is no more than a setting: where a database does not allow it (Citus), they are compressed.
"""

from typing import ClassVar

from django.db import migrations

COLUMNS = ("day", "client_id", "location_id", "staff_id")


def storage(kind: str) -> str:
    altered = ", ".join(f"ALTER COLUMN {name} SET STORAGE {kind}" for name in COLUMNS)
    return (
        f"DO $$ BEGIN ALTER TABLE reporting_factblock {altered}; EXCEPTION WHEN feature_not_supported THEN NULL; END $$"
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reporting", "0002_fact_blocks")]
    operations: ClassVar = [migrations.RunSQL(storage("EXTERNAL"), storage("EXTENDED"))]
