import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name_hash", models.CharField(max_length=64)),
                ("schema", models.CharField(blank=True, max_length=63)),
                ("asked_at", models.DateTimeField(null=True)),
                ("asked_by", models.CharField(max_length=20)),
                ("erased_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("in_backups_until", models.DateField()),
                ("tables", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "erasure",
                "verbose_name_plural": "erasures",
                "ordering": ["-erased_at"],
            },
        ),
        migrations.CreateModel(
            name="DomainClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.CharField(max_length=253)),
                ("token", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="domain_claims", to="tenants.chain"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("chain", "domain"), name="life_claim_once")],
            },
        ),
    ]
