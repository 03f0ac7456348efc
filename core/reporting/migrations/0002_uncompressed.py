from django.db import migrations

# These too save less than four tenths, and trying took most of the time that an import writes facts. Where a database
# does not allow the setting (Citus), they are compressed.
GAPS = [
    *(
        f"{scope}_{basis}_{way}"
        for scope in ("chain", "store")
        for basis in ("visit", "purchase")
        for way in ("prev", "next")
    ),
    *(f"chain_{basis}_next_location_id" for basis in ("visit", "purchase")),
    "staff_next",
]


def _set_storage(table: str, columns: list[str], storage: str) -> str:
    changes = ", ".join(f"ALTER COLUMN {name} SET STORAGE {storage}" for name in columns)
    return f"DO $$ BEGIN ALTER TABLE {table} {changes}; EXCEPTION WHEN feature_not_supported THEN NULL; END $$"


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial")]

    operations = [
        migrations.RunSQL(_set_storage(table, columns, "EXTERNAL"), _set_storage(table, columns, "EXTENDED"))
        for table, columns in (("reporting_factblock", GAPS), ("reporting_clientfacts", ["facts"]))
    ]
