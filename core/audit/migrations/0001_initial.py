"""The trail; the database itself keeps it append-only.

What the runtime role may do with a new table comes from the schema's default rights. Here changing and removing rows is
taken from everyone but the owner, whatever the role is called, so that it holds however the chain was made.
"""

from django.db import migrations, models

KEEP = """
DO $$ DECLARE other text; BEGIN
    FOR other IN
        SELECT DISTINCT CASE grantee WHEN 'PUBLIC' THEN 'PUBLIC' ELSE quote_ident(grantee) END
        FROM information_schema.table_privileges
        WHERE table_schema = current_schema() AND table_name = 'audit_auditentry' AND grantee <> current_user
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit_auditentry FROM %s', other);
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("user_id", models.BigIntegerField(null=True)),
                ("actor", models.CharField(max_length=254)),
                ("action", models.CharField(max_length=40)),
                ("subject_type", models.CharField(blank=True, max_length=20)),
                ("subject_id", models.CharField(blank=True, max_length=64)),
                ("subject_label", models.CharField(blank=True, max_length=200)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("ip", models.GenericIPAddressField(null=True)),
                ("device", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["at", "id"], name="audit_when"),
                    models.Index(fields=["actor", "at", "id"], name="audit_who"),
                    models.Index(fields=["action", "at", "id"], name="audit_what"),
                    models.Index(fields=["subject_type", "subject_id", "at", "id"], name="audit_object"),
                ],
            },
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
