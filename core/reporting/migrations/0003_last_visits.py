from django.db import migrations, models

# A chain without visits has all its facts in the new layout too.
COMPLETE = (
    "UPDATE reporting_factlayout SET layout = 2 WHERE layout = 1 AND NOT EXISTS (SELECT FROM reporting_clientfacts)"
)


class Migration(migrations.Migration):
    dependencies = [("reporting", "0002_uncompressed")]

    operations = [
        migrations.AddField("clientfacts", "store_id", models.IntegerField(null=True)),
        migrations.AddField("clientfacts", "last_day", models.DateField(null=True)),
        migrations.AddField("clientfacts", "recent_days", models.BinaryField(null=True)),
        migrations.AddField("factblock", "lead_service_id", models.BinaryField(null=True)),
        migrations.RunSQL(COMPLETE, migrations.RunSQL.noop),
    ]
