"""Brings the people who serve in."""

from collections.abc import Mapping

from core.imports.services.kinds.matching import store_codes
from core.imports.services.kinds.records import RecordImport
from core.imports.services.values.codes import Codes
from core.shared.entitlements import require_room
from core.shared.merged import kept
from core.staff.models import StaffMember
from core.stores.models import Store


class StaffImport(RecordImport):
    model = StaffMember
    follows_names = True
    key = "staff_code"

    def references(self) -> Mapping[str, Codes]:
        return {"store_code": store_codes(self.context)}

    def columns(self) -> dict[str, str]:
        return {**super().columns(), "store_id": kept(Store, "i.store_code")}

    def write(self) -> None:
        self.upsert()
        if self._counts().created:
            require_room("staff", StaffMember.objects.count)
