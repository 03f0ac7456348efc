from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0002_no_cursor"),
    ]

    operations = [
        migrations.AlterField(
            model_name="job",
            name="error_code",
            field=models.CharField(blank=True, db_default="", max_length=60),
        ),
        # The former release still writes it; the column is dropped with the next one.
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("job", "error_code")]),
    ]
