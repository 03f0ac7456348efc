from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tenants", "0005_chain_in_words")]

    operations: ClassVar = [
        migrations.AddField(
            "chain", "erase_asked_by", models.CharField(max_length=20, blank=True, default="", db_default="")
        )
    ]
