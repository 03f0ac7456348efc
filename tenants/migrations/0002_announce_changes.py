"""Every change of a chain or a domain is announced when its transaction commits: see tenants/directory.py.

By triggers, so that a change made by SQL elsewhere is announced too. Equal announcements of one transaction are one.
"""

from django.db import migrations

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
    dependencies = [("tenants", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION public.tenants_announce_change()"),
        *(
            migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER announce_change ON public.{table}")
            for table in TABLES
        ),
    ]
