import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

DEFAULT_TIERS = [("normal", "普通"), ("silver", "银卡"), ("gold", "金卡"), ("diamond", "钻石")]


def add_default_tiers(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    tier = apps.get_model("membership", "MemberTier")
    tier.objects.bulk_create(tier(code=code, name=name, rank=rank) for rank, (code, name) in enumerate(DEFAULT_TIERS))


class Migration(migrations.Migration):
    safe_because = "its tables are new"
    initial = True

    dependencies = [
        ("clients", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="MemberTier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=50, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("rank", models.PositiveSmallIntegerField(default=0, verbose_name="rank")),
            ],
            options={
                "ordering": ["rank", "code"],
            },
        ),
        migrations.CreateModel(
            name="ClientTier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField()),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tiers", to="clients.client"
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="membership.membertier"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("client", "valid_from"), name="membership_tier_from")],
            },
        ),
        migrations.RunPython(add_default_tiers, migrations.RunPython.noop),
    ]
