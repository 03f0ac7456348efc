from django.db import migrations, models
from django.db.models.functions import Right

from core.shared.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clients", "0006_merged_index"),
    ]

    operations = [
        AddIndexConcurrently(
            "client",
            models.Index(
                Right(
                    models.Func(
                        models.F("phone"),
                        models.Value("[^0-9]"),
                        models.Value(""),
                        models.Value("g"),
                        function="regexp_replace",
                        output_field=models.TextField(),
                    ),
                    7,
                ),
                condition=~models.Q(phone=""),
                name="clients_client_phone_end",
            ),
        ),
    ]
