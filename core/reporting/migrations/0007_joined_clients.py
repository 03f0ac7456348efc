from django.db import migrations, models

# A chain without facts has all there are of the fourth layout, too; others build it (ADR 23).
LAYOUT = (
    "UPDATE reporting_factlayout SET layout = {after} WHERE layout = {before} AND is_complete "
    "AND NOT EXISTS (SELECT FROM reporting_clientfacts) AND NOT EXISTS (SELECT FROM reporting_storeday)"
)


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0006_spend_thresholds"),
    ]

    operations = [
        migrations.AddField(
            model_name="factblock",
            name="is_new_purchase",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="factblock",
            name="is_new_visit",
            field=models.BinaryField(null=True),
        ),
        migrations.RunSQL(LAYOUT.format(before=3, after=4), LAYOUT.format(before=4, after=3)),
    ]
