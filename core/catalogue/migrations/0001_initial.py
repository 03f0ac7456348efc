import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ServiceCategory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="category")),
            ],
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=100, unique=True, verbose_name="service code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "price",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="price"),
                ),
                ("duration_min", models.PositiveIntegerField(blank=True, null=True, verbose_name="minutes")),
                (
                    "interval_days",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="days to the next visit"),
                ),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services",
                        to="catalogue.servicecategory",
                    ),
                ),
            ],
        ),
    ]
