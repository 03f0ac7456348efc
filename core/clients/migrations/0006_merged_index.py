from django.db import migrations, models

from core.shared.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clients", "0005_merged"),
    ]

    operations = [
        AddIndexConcurrently(
            "client",
            models.Index(
                condition=models.Q(("merged_into__isnull", False)), fields=["id"], name="clients_client_merged"
            ),
        ),
    ]
