from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    safe_because = "what is kept of periods is counted again when it is asked for"
    dependencies: ClassVar = [("reporting", "0005_amounts_and_layouts")]

    operations: ClassVar = [
        migrations.RunSQL("DELETE FROM reporting_keptperiod", migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="keptperiod", name="reporting_period_once"),
        migrations.AddField(
            "keptperiod", "metric", models.CharField(max_length=30, default=""), preserve_default=False
        ),
        migrations.AddField(
            "keptperiod", "metric_version", models.SmallIntegerField(default=0), preserve_default=False
        ),
        migrations.AddConstraint(
            "keptperiod",
            models.UniqueConstraint(
                fields=["metric", "metric_version", "layout", "start", "end", "scope", "basis", "dimension"],
                name="reporting_period_once",
            ),
        ),
    ]
