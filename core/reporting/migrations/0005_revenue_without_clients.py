from django.db import migrations, models

# A chain without facts has all there are of the third layout, too; others build it (ADR 23).
LAYOUT = (
    "UPDATE reporting_factlayout SET layout = {after} WHERE layout = {before} AND is_complete "
    "AND NOT EXISTS (SELECT FROM reporting_clientfacts) AND NOT EXISTS (SELECT FROM reporting_storeday)"
)


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0004_last_visits_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnonymousDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day", "store_id", "category_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("store_id", models.IntegerField()),
                ("category_id", models.IntegerField()),
                ("net_revenue", models.BigIntegerField()),
                ("consumed_value", models.BigIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="factblock",
            name="first_rating",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="factblock",
            name="is_first_rated",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="factblock",
            name="ratings",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="factblock",
            name="visits",
            field=models.BinaryField(null=True),
        ),
        migrations.RunSQL(LAYOUT.format(before=2, after=3), LAYOUT.format(before=3, after=2)),
    ]
