import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("jobs", "0001_initial"),
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChainFigures",
            fields=[
                (
                    "chain",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="figures",
                        serialize=False,
                        to="tenants.chain",
                    ),
                ),
                ("taken_at", models.DateTimeField(null=True)),
                ("size", models.BigIntegerField(null=True)),
                ("users", models.PositiveIntegerField(null=True)),
                ("clients", models.PositiveBigIntegerField(null=True)),
                ("visits", models.PositiveBigIntegerField(null=True)),
                ("last_active_at", models.DateTimeField(null=True)),
                ("schema_version", models.CharField(blank=True, max_length=255)),
                ("migrations_missing", models.PositiveIntegerField(default=0)),
                ("migration_problem", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="Restoration",
            fields=[],
            options={
                "verbose_name": "restoration",
                "verbose_name_plural": "restorations",
                "ordering": ["-asked_at"],
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("jobs.job",),
        ),
        migrations.CreateModel(
            name="OperatorAction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True, db_index=True, verbose_name="When")),
                ("operator", models.CharField(max_length=254, verbose_name="Operator")),
                ("chain_name", models.CharField(blank=True, max_length=200, verbose_name="Salon chain")),
                ("what", models.CharField(max_length=300, verbose_name="What")),
                (
                    "chain",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="operator_actions",
                        to="tenants.chain",
                    ),
                ),
            ],
            options={
                "verbose_name": "action",
                "verbose_name_plural": "actions",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="OpenWork",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20, verbose_name="Kind")),
                ("reference", models.CharField(max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("failed", "failed")], max_length=10, verbose_name="Status"
                    ),
                ),
                ("problem", models.TextField(blank=True, verbose_name="Problem")),
                ("since", models.DateTimeField(verbose_name="Since")),
                (
                    "chain",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="open_work",
                        to="tenants.chain",
                        verbose_name="Salon chain",
                    ),
                ),
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "jobs",
                "ordering": ["-since"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "chain", "reference"), name="console_open_work_once", nulls_distinct=False
                    )
                ],
            },
        ),
    ]
