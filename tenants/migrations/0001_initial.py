"""Chains and domains. Every change of a chain or a domain is announced when its transaction commits: see tenants/host_cache.py.

By triggers, so that a change made by SQL elsewhere is announced too. Equal announcements of one transaction are one.
"""

import django.db.models.deletion
from django.db import migrations, models

TABLES = ("tenants_chain", "tenants_domain")

FUNCTION = """
CREATE FUNCTION public.tenants_announce_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_catalog.pg_notify('chains_changed', '');
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.tenants_announce_change() FROM PUBLIC;
"""
TRIGGER = """
CREATE TRIGGER announce_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.{table}
FOR EACH STATEMENT EXECUTE FUNCTION public.tenants_announce_change();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Chain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("schema_name", models.CharField(max_length=63, unique=True, verbose_name="schema")),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                ("country", models.CharField(default="CN", max_length=2, verbose_name="country")),
                ("currency", models.CharField(default="CNY", max_length=3, verbose_name="currency")),
                ("time_zone", models.CharField(default="Asia/Shanghai", max_length=64, verbose_name="time zone")),
                ("language", models.CharField(default="zh-hans", max_length=10, verbose_name="language")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("read_only_since", models.DateTimeField(null=True)),
                ("read_only_reason", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("allowance", models.JSONField(null=True)),
                ("writable_until", models.DateTimeField(null=True)),
                ("erase_at", models.DateTimeField(null=True)),
                ("erase_asked_at", models.DateTimeField(null=True)),
                ("erase_asked_by", models.CharField(blank=True, db_default="", default="", max_length=20)),
            ],
            options={
                "verbose_name": "chain",
                "verbose_name_plural": "chains",
                "ordering": ["schema_name"],
            },
        ),
        migrations.CreateModel(
            name="Domain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.CharField(db_index=True, max_length=253, unique=True)),
                ("is_primary", models.BooleanField(db_index=True, default=True)),
                ("redirects_until", models.DateTimeField(null=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="domains", to="tenants.chain"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RunSQL(FUNCTION, migrations.RunSQL.noop),
        *(migrations.RunSQL(TRIGGER.format(table=table), migrations.RunSQL.noop) for table in TABLES),
    ]
