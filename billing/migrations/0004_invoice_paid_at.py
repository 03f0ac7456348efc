from typing import Any

from django.db import migrations, models
from django.db.models import F


def fill(apps: Any, _schema_editor: Any) -> None:
    """About right; the nightly comparison with Stripe puts it right for the last months."""
    apps.get_model("billing", "Invoice").objects.filter(status="paid").update(paid_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_names_of_fields"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="paid_at",
            field=models.DateTimeField(null=True, verbose_name="Paid on"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
