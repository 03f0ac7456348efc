from django.db import migrations, models


class Migration(migrations.Migration):
    """Numbers are compared by their keys. Imports fill in keys that are missing: of clients who are there, and of those
    that the former release adds meanwhile."""

    safe_because = "no client has a key yet: the new index is empty, and the former release needs no unique numbers"

    dependencies = [
        ("clients", "0002_birthday"),
    ]

    operations = [
        migrations.AddField("client", "ref_key", models.CharField(editable=False, max_length=100, null=True)),
        migrations.AddConstraint(
            "client",
            models.UniqueConstraint(
                condition=models.Q(("ref_key__isnull", False)),
                fields=("ref_key", "ref_store"),
                name="clients_client_ref_key",
                nulls_distinct=False,
            ),
        ),
        migrations.RemoveConstraint("client", "clients_client_ref"),
    ]
