from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tenants", "0002_announce_changes")]

    operations: ClassVar = [
        migrations.AddField("chain", "read_only_since", models.DateTimeField(null=True)),
        # With a default of the database's own, since the code before this one makes chains meanwhile.
        migrations.AddField(
            "chain", "read_only_reason", models.CharField(blank=True, db_default="", default="", max_length=200)
        ),
        migrations.AddField("chain", "erase_at", models.DateTimeField(null=True)),
        migrations.AddField("chain", "erase_asked_at", models.DateTimeField(null=True)),
        migrations.AddField("domain", "redirects_until", models.DateTimeField(null=True)),
    ]
