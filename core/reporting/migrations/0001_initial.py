from django.db import migrations, models

# These compress little: trying takes longer than writing them, and saves less than a quarter. Where a database does not
# allow the setting (Citus), they are compressed.
UNCOMPRESSED = ", ".join(
    f"ALTER COLUMN {name} SET STORAGE EXTERNAL" for name in ("day", "client_id", "location_id", "staff_id")
)
SET_STORAGE = (
    f"DO $$ BEGIN ALTER TABLE reporting_factblock {UNCOMPRESSED}; "
    "EXCEPTION WHEN feature_not_supported THEN NULL; END $$"
)
# A new chain has no visits, and so all its facts.
COMPLETE = "INSERT INTO reporting_factlayout (layout, built_through, is_complete) VALUES (1, 0, true)"


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
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
        migrations.CreateModel(
            name="FactLayout",
            fields=[
                ("layout", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("built_through", models.BigIntegerField(default=0)),
                ("is_complete", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="MonthLines",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("lines", models.BigIntegerField()),
                ("anonymous_lines", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="StoreDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "store_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("store_id", models.IntegerField()),
                ("day", models.DateField()),
                ("lines", models.IntegerField(default=0)),
                ("anonymous_lines", models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="CachedPeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("metric", models.CharField(max_length=30)),
                ("metric_version", models.SmallIntegerField()),
                ("start", models.DateField()),
                ("end", models.DateField()),
                ("scope", models.CharField(max_length=5)),
                ("basis", models.CharField(max_length=8)),
                ("dimension", models.CharField(blank=True, max_length=11)),
                ("layout", models.SmallIntegerField()),
                ("through_id", models.BigIntegerField()),
                ("cells", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("metric", "metric_version", "layout", "start", "end", "scope", "basis", "dimension"),
                        name="reporting_period_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FactBlock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("layout", models.SmallIntegerField()),
                ("month", models.DateField()),
                ("of_categories", models.BooleanField()),
                ("sign", models.SmallIntegerField()),
                ("rows", models.IntegerField()),
                ("day", models.BinaryField()),
                ("flags", models.BinaryField()),
                ("client_id", models.BinaryField()),
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
                ("net_revenue", models.BinaryField(null=True)),
                ("consumed_value", models.BinaryField(null=True)),
                ("rating_sum", models.BinaryField(null=True)),
                ("rating_count", models.BinaryField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["layout", "month"], name="reporting_factblock_month")],
            },
        ),
        migrations.RunSQL(SET_STORAGE, migrations.RunSQL.noop),
        migrations.RunSQL(COMPLETE, migrations.RunSQL.noop),
    ]
