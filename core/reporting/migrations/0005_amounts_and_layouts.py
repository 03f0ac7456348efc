from typing import ClassVar

from django.db import migrations, models

# The facts that there are lack the new columns: a chain with visits is built anew by `facts.building`.
EMPTY = "DELETE FROM reporting_factblock; DELETE FROM reporting_keptperiod; DELETE FROM reporting_clientfacts"
# A chain without visits has all its facts.
COMPLETE = (
    "INSERT INTO reporting_factlayout (layout, built_through, is_complete) "
    "SELECT 1, 0, true WHERE NOT EXISTS (SELECT FROM visits_visit)"
)


class Migration(migrations.Migration):
    safe_because = "the tables are emptied first"
    dependencies: ClassVar = [("reporting", "0004_month_lines"), ("visits", "0001_initial")]

    operations: ClassVar = [
        migrations.RunSQL(EMPTY, migrations.RunSQL.noop),
        migrations.DeleteModel("ClientFacts"),
        migrations.CreateModel(
            name="ClientFacts",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "layout", "client_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("layout", models.SmallIntegerField()),
                ("client_id", models.BigIntegerField()),
                ("facts", models.BinaryField()),
            ],
        ),
        *(
            migrations.AddField("factblock", name, models.BinaryField(null=True))
            for name in ("net_revenue", "consumed_value", "rating_sum", "rating_count")
        ),
        migrations.AddField("factblock", "layout", models.SmallIntegerField(default=1), preserve_default=False),
        migrations.RemoveIndex("factblock", "reporting_factblock_month"),
        migrations.AddIndex("factblock", models.Index(fields=["layout", "month"], name="reporting_factblock_month")),
        migrations.AddField("keptperiod", "layout", models.SmallIntegerField(default=1), preserve_default=False),
        migrations.RemoveConstraint("keptperiod", "reporting_period_once"),
        migrations.AddConstraint(
            "keptperiod",
            models.UniqueConstraint(
                fields=("layout", "start", "end", "scope", "basis", "dimension"), name="reporting_period_once"
            ),
        ),
        migrations.CreateModel(
            name="FactLayout",
            fields=[
                ("layout", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("built_through", models.BigIntegerField(default=0)),
                ("is_complete", models.BooleanField(default=False)),
            ],
        ),
        migrations.RunSQL(COMPLETE, migrations.RunSQL.noop),
    ]
