from django.db import migrations, models

from core.shared.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("visits", "0001_initial"),
    ]

    operations = [
        AddIndexConcurrently("visit", models.Index(fields=["import_key"], name="visits_visit_import_key")),
    ]
