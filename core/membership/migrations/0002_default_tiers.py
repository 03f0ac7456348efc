from typing import ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

DEFAULT_TIERS = [("normal", "普通"), ("silver", "银卡"), ("gold", "金卡"), ("diamond", "钻石")]


def add_default_tiers(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    tier = apps.get_model("membership", "MemberTier")
    tier.objects.bulk_create(tier(code=code, name=name, rank=rank) for rank, (code, name) in enumerate(DEFAULT_TIERS))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("membership", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(add_default_tiers, migrations.RunPython.noop)]
