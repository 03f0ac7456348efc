from typing import ClassVar

from django.db import migrations

# Part of a name (as Django's icontains writes it); the beginning of a number or phone.
INDEXES = {
    "clients_client_name_search": "USING gin (upper(name::text) gin_trgm_ops)",
    "clients_client_ref_search": "USING btree (ref varchar_pattern_ops)",
    "clients_client_phone_search": "USING btree (phone varchar_pattern_ops)",
}


class Migration(migrations.Migration):
    dependencies: ClassVar = [("clients", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(f"CREATE INDEX {name} ON clients_client {how}", f"DROP INDEX {name}")
        for name, how in INDEXES.items()
    ]
