"""Brings the service catalogue in."""

from collections.abc import Mapping

from core.catalogue.models import Service, ServiceCategory
from core.catalogue.services.loading import add_categories, load_services
from core.imports.services.kinds.matching import category_codes
from core.imports.services.kinds.records import RecordImport
from core.imports.services.values.codes import Codes
from core.shared.merged import kept


class ServiceImport(RecordImport):
    model = Service
    follows_names = True
    key = "service_code"

    def references(self) -> Mapping[str, Codes]:
        self._categories = category_codes(self.context)
        return {"category": self._categories}

    def columns(self) -> dict[str, str]:
        return {**super().columns(), "category_id": kept(ServiceCategory, "i.category")}

    def write(self) -> None:
        add_categories(self.context.cursor, self.used("category", self._categories))
        load_services(self.staging, self.columns())
