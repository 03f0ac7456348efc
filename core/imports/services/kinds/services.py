"""Brings the service catalogue in."""

from collections.abc import Mapping

from core.catalogue.models import ServiceCategory
from core.catalogue.services.loading import add_categories, load_services
from core.imports.services.kinds.records import RecordImport
from core.imports.services.values.codes import Codes


class ServiceImport(RecordImport):
    key = "service_code"

    def references(self) -> Mapping[str, Codes]:
        self._categories = Codes(
            dict(ServiceCategory.objects.values_list("name", "pk")),
            error=("", "%s"),
            max_length=100,
            make=self.context.reserve("catalogue_servicecategory_id_seq"),
        )
        return {"category": self._categories}

    def write(self) -> None:
        add_categories(self.context.cursor, self.used("category", self._categories))
        load_services(self.staging, self.columns())
