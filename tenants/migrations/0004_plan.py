from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tenants", "0003_chain_life")]

    operations: ClassVar = [
        migrations.AddField("chain", "allowance", models.JSONField(null=True)),
        migrations.AddField("chain", "writable_until", models.DateTimeField(null=True)),
    ]
