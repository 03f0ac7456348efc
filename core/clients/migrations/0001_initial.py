import django.db.models.deletion
from django.db import migrations, models

# Part of a name (as Django's icontains writes it); the beginning of a number or phone.
SEARCHES = {
    "name": "USING gin (upper(name::text) gin_trgm_ops) WHERE name <> ''",
    "ref": "USING btree (ref varchar_pattern_ops)",
    "phone": "USING btree (phone varchar_pattern_ops) WHERE phone <> ''",
}


class Migration(migrations.Migration):
    safe_because = "its tables are new"
    initial = True

    dependencies = [
        ("stores", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Client",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(max_length=100, verbose_name="client number")),
                ("name", models.CharField(blank=True, max_length=150, verbose_name="name")),
                (
                    "gender",
                    models.CharField(
                        blank=True,
                        choices=[("female", "female"), ("male", "male"), ("other", "other")],
                        max_length=10,
                        verbose_name="gender",
                    ),
                ),
                ("birth_date", models.DateField(blank=True, null=True, verbose_name="birth date")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                ("backup_phone", models.CharField(blank=True, max_length=40, verbose_name="backup phone")),
                ("wechat", models.CharField(blank=True, max_length=100, verbose_name="WeChat")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("occupation", models.CharField(blank=True, max_length=100, verbose_name="occupation")),
                ("education", models.CharField(blank=True, max_length=100, verbose_name="education")),
                ("joined_on", models.DateField(blank=True, null=True, verbose_name="record opened on")),
                (
                    "ref_store",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stores.store",
                    ),
                ),
                (
                    "referrer",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="referred",
                        to="clients.client",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clients",
                        to="stores.store",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ref_store__isnull", False)),
                        fields=["ref_store"],
                        name="clients_client_ref_store",
                    ),
                    models.Index(
                        condition=models.Q(("store__isnull", False)), fields=["store"], name="clients_client_store"
                    ),
                    models.Index(
                        condition=models.Q(("referrer__isnull", False)),
                        fields=["referrer"],
                        name="clients_client_referrer",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("ref", "ref_store"), name="clients_client_ref", nulls_distinct=False
                    )
                ],
            },
        ),
        *(
            migrations.RunSQL(
                f"CREATE INDEX clients_client_{name}_search ON clients_client {how}", migrations.RunSQL.noop
            )
            for name, how in SEARCHES.items()
        ),
    ]
