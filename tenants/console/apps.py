from typing import Any

from django.apps import AppConfig
from django.db.models import DO_NOTHING
from django.utils.translation import gettext_lazy as _


class ConsoleConfig(AppConfig):
    name = "tenants.console"
    label = "console"
    verbose_name = _("Console")

    def ready(self) -> None:
        from django.contrib.admin.models import LogEntry

        from tenants.console import action_log, erasure_cleanup
        from tenants.console.open_work import mail, upkeep  # noqa: F401 - each registers its sources
        from tenants.signals import chain_erased

        action_log.connect()
        chain_erased.connect(erasure_cleanup.on_chain_erased, dispatch_uid="console")
        # The admin's own log has no table (MIGRATION_MODULES), so deleting a user of a chain must not look there.
        for name in ("user", "content_type"):
            relation: Any = LogEntry._meta.get_field(name).remote_field
            relation.on_delete = DO_NOTHING
