from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="client",
            name="birthday",
            field=models.CharField(blank=True, db_default="", default="", max_length=5, verbose_name="birthday"),
        ),
    ]
