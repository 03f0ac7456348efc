from django.db import migrations, models

from core.shared.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clients", "0003_ref_key"),
    ]

    operations = [
        AddIndexConcurrently(
            "client", models.Index(condition=models.Q(("ref_key", None)), fields=["id"], name="clients_client_no_key")
        ),
    ]
