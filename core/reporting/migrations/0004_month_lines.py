from typing import Any, ClassVar

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def derive_anew(apps: Any, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """From the visits that are there already, where the facts of today's kind are not."""
    if (
        not apps.get_model("reporting", "FactBlock").objects.exists()
        and apps.get_model("visits", "Visit").objects.exists()
    ):
        from core.reporting.facts.refresh import refresh_all

        refresh_all()


class Migration(migrations.Migration):
    safe_because = "nobody waits for the locks of a table that is new"
    dependencies: ClassVar = [("reporting", "0003_uncompressed_blocks"), ("visits", "0001_initial")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="MonthLines",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("lines", models.BigIntegerField()),
                ("anonymous_lines", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(
            "INSERT INTO reporting_monthlines (month, lines, anonymous_lines) "
            "SELECT date_trunc('month', day)::date, sum(lines), sum(anonymous_lines) FROM reporting_storeday GROUP BY 1",
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(derive_anew, migrations.RunPython.noop),
    ]
