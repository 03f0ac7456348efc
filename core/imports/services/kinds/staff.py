"""Brings the people who serve in."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.imports.services.context import Counts, Stores
from core.imports.services.kinds.records import RecordImport, StagedField
from core.imports.services.values.codes import Codes
from core.imports.services.values.dates import DateRules, Dates
from core.imports.services.values.texts import few_texts
from core.shared.entitlements import require_room
from core.staff.models import StaffMember
from core.staff.services.loading import load_staff


class StaffImport(RecordImport):
    key = "staff_code"

    def fields(self) -> Mapping[str, StagedField]:
        context, stores = self.context, Stores.load()
        rules = DateRules(
            context.options.date_format,
            stores.latest_day,
            accept_iso=context.source.has_real_dates,
            heading=context.columns.heading_of("hired_on"),
        )
        codes = Codes(stores.ids, error=("unknown_store", _("There is no store “%s”.")), max_length=64)
        return {
            "staff_code": StagedField(few_texts(64), column="code"),
            "name": StagedField(few_texts(150), column="name"),
            "store_code": StagedField(codes, "bigint", "store_id"),
            "role": StagedField(few_texts(100), column="role"),
            "phone": StagedField(few_texts(40), column="phone"),
            "email": StagedField(few_texts(254), column="email"),
            "hired_on": StagedField(Dates(rules), "date", "hired_on"),
        }

    def finish(self) -> Counts:
        load_staff(self.staging, self.columns())
        counts = self._counts()
        if counts.created:
            require_room("staff", StaffMember.objects.count)
        return counts
