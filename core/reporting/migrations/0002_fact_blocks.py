from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def make_blocks(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Facts that are there already."""
    if apps.get_model("reporting", "VisitDay").objects.exists():
        from core.reporting.services.facts import make_blocks_anew

        with schema_editor.connection.cursor() as cursor:
            make_blocks_anew(cursor)


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial")]

    operations = [
        migrations.DeleteModel("PeriodTotal"),
        migrations.DeleteModel("KeptPeriod"),
        migrations.CreateModel(
            name="KeptPeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start", models.DateField()),
                ("end", models.DateField()),
                ("scope", models.CharField(max_length=5)),
                ("basis", models.CharField(max_length=8)),
                ("dimension", models.CharField(blank=True, max_length=11)),
                ("through_id", models.BigIntegerField()),
                ("cells", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("start", "end", "scope", "basis", "dimension"), name="reporting_period_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FactBlock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("of_categories", models.BooleanField()),
                ("sign", models.SmallIntegerField()),
                ("rows", models.IntegerField()),
                ("day", models.BinaryField()),
                ("flags", models.BinaryField()),
                ("category_id", models.BinaryField()),
                ("location_id", models.BinaryField()),
                ("lead_category_id", models.BinaryField()),
                ("staff_id", models.BinaryField()),
                ("member_tier_id", models.BinaryField()),
                ("chain_visit_next_location_id", models.BinaryField()),
                ("chain_purchase_next_location_id", models.BinaryField()),
                ("chain_visit_prev", models.BinaryField()),
                ("chain_purchase_prev", models.BinaryField()),
                ("store_visit_prev", models.BinaryField()),
                ("store_purchase_prev", models.BinaryField()),
                ("chain_visit_next", models.BinaryField()),
                ("chain_purchase_next", models.BinaryField()),
                ("store_visit_next", models.BinaryField()),
                ("store_purchase_next", models.BinaryField()),
                ("staff_next", models.BinaryField()),
            ],
            options={"indexes": [models.Index(fields=["month"], name="reporting_factblock_month")]},
        ),
        migrations.RemoveIndex("VisitDay", "reporting_visitday_chain"),
        migrations.AddIndex(
            "VisitDay",
            models.Index(
                condition=models.Q(("category_id", 0)), fields=["day", "location_id"], name="reporting_visitday_place"
            ),
        ),
        migrations.RunPython(make_blocks, migrations.RunPython.noop),
    ]
