from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="cursor",
            field=models.JSONField(db_default={}, default=dict),
        ),
        # The former release still writes it; the column is dropped with the next one.
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("job", "cursor")]),
    ]
