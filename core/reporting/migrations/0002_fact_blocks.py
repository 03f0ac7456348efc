from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0001_initial"),
        ("catalogue", "0001_initial"),
        ("clients", "0002_search"),
        ("membership", "0002_default_tiers"),
        ("staff", "0001_initial"),
        ("stores", "0001_initial"),
        ("visits", "0001_initial"),
    ]

    operations = [
        migrations.DeleteModel("PeriodTotal"),
        migrations.DeleteModel("KeptPeriod"),
        migrations.DeleteModel("VisitDay"),
        migrations.DeleteModel("StoreDay"),
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
            name="ClientFacts",
            fields=[
                ("client_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("facts", models.BinaryField()),
            ],
        ),
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
            ],
            options={"indexes": [models.Index(fields=["month"], name="reporting_factblock_month")]},
        ),
    ]
