from django.db import migrations, models

from core.shared.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("reporting", "0003_last_visits")]

    operations = [
        AddIndexConcurrently(
            "clientfacts",
            models.Index(
                fields=["store_id", "layout", "last_day"],
                condition=models.Q(store_id__isnull=False),
                name="reporting_clientfacts_last",
            ),
        ),
    ]
