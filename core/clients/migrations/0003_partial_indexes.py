from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

# Part of a name (as Django's icontains writes it); the beginning of a phone.
SEARCHED = {
    "name": "USING gin (upper(name::text) gin_trgm_ops)",
    "phone": "USING btree (phone varchar_pattern_ops)",
}


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("clients", "0002_search"),
        ("stores", "0001_initial"),
    ]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="client",
            name="ref_store",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="stores.store",
            ),
        ),
        migrations.AlterField(
            model_name="client",
            name="referrer",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="referred",
                to="clients.client",
            ),
        ),
        migrations.AlterField(
            model_name="client",
            name="store",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="clients",
                to="stores.store",
            ),
        ),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                condition=models.Q(("ref_store__isnull", False)), fields=["ref_store"], name="clients_client_ref_store"
            ),
        ),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                condition=models.Q(("store__isnull", False)), fields=["store"], name="clients_client_store"
            ),
        ),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                condition=models.Q(("referrer__isnull", False)), fields=["referrer"], name="clients_client_referrer"
            ),
        ),
        *(
            migrations.RunSQL(
                f"DROP INDEX clients_client_{name}_search;"
                f"CREATE INDEX clients_client_{name}_search ON clients_client {how} WHERE {name} <> ''",
                f"DROP INDEX clients_client_{name}_search;"
                f"CREATE INDEX clients_client_{name}_search ON clients_client {how}",
            )
            for name, how in SEARCHED.items()
        ),
    ]
