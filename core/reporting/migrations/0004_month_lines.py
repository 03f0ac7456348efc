from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    safe_because = "nobody waits for the locks of a table that is new"
    dependencies: ClassVar = [("reporting", "0003_uncompressed_blocks")]

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
    ]
