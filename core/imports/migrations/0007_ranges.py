import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0006_balances"),
    ]

    operations = [
        migrations.AddField(
            model_name="maderecords",
            name="first",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="maderecords",
            name="ids",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None),
        ),
    ]
