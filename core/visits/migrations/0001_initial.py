import datetime

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalogue", "0001_initial"),
        ("clients", "0001_initial"),
        ("staff", "0001_initial"),
        ("stores", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="date")),
                ("start_time", models.TimeField(default=datetime.time(0, 0), verbose_name="time")),
                ("ref", models.CharField(blank=True, max_length=100, verbose_name="receipt")),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                ("import_key", models.UUIDField(editable=False, null=True, unique=True)),
                ("import_digest", models.BigIntegerField(editable=False, null=True)),
                (
                    "client",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="clients.client",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="stores.store",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VisitLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("service", "service"), ("product", "product"), ("card_sale", "card sale")],
                        default="service",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=3, default=1, max_digits=10, verbose_name="quantity")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount")),
                ("paid_by_card", models.BooleanField(default=False, verbose_name="paid from a card")),
                ("duration_min", models.PositiveIntegerField(blank=True, null=True, verbose_name="minutes")),
                (
                    "rating",
                    models.DecimalField(blank=True, decimal_places=1, max_digits=3, null=True, verbose_name="rating"),
                ),
                (
                    "category",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="catalogue.servicecategory",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="catalogue.service",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="staff.staffmember",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="visits.visit",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["client", "day"], name="visits_visit_client_day"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["store", "day"], name="visits_visit_store_day"),
        ),
        migrations.CreateModel(
            name="AppendedLines",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.BigIntegerField()),
                (
                    "visit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="visits.visit",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("visit", "digest"), name="visits_appended_once")],
            },
        ),
    ]
