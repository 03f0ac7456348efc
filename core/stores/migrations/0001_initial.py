import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="City",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="city")),
                ("tier", models.CharField(blank=True, max_length=50, verbose_name="city tier")),
                ("region", models.CharField(blank=True, max_length=100, verbose_name="region")),
            ],
        ),
        migrations.CreateModel(
            name="Store",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=64, unique=True, verbose_name="store code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("opened_on", models.DateField(blank=True, null=True, verbose_name="opened on")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                ("time_zone", models.CharField(blank=True, max_length=64, verbose_name="time zone")),
                ("complete_through", models.DateField(blank=True, null=True, verbose_name="complete through")),
            ],
        ),
        migrations.CreateModel(
            name="RegionAccess",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region", models.CharField(max_length=100, verbose_name="region")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="region_access",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "region"), name="stores_region_access_once")],
            },
        ),
        migrations.CreateModel(
            name="StoreAccess",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="access", to="stores.store"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="store_access",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "store"), name="stores_access_once")],
            },
        ),
        migrations.CreateModel(
            name="StoreLocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField(default=datetime.date(1, 1, 1))),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="city")),
                ("city_tier", models.CharField(blank=True, max_length=50, verbose_name="city tier")),
                ("region", models.CharField(blank=True, max_length=100, verbose_name="region")),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="locations", to="stores.store"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("store", "valid_from"), name="stores_location_from")],
            },
        ),
    ]
