from django.db import migrations, models


class Migration(migrations.Migration):
    """Receipts of several days may have one key, where a till's numbers start again."""

    dependencies = [
        ("visits", "0002_import_key_index"),
    ]

    operations = [
        migrations.AlterField("visit", "import_key", models.UUIDField(editable=False, null=True)),
    ]
