"""Brings the service catalogue in."""

from collections.abc import Mapping

from core.catalogue.models import ServiceCategory
from core.catalogue.services.loading import add_categories, load_services
from core.imports.services.context import Counts
from core.imports.services.kinds.records import RecordImport, StagedField
from core.imports.services.values.codes import Codes
from core.imports.services.values.numbers import amounts, integers
from core.imports.services.values.texts import few_texts

LONGEST_MINUTES = 100_000
LONGEST_INTERVAL_DAYS = 3650


class ServiceImport(RecordImport):
    key = "service_code"

    def fields(self) -> Mapping[str, StagedField]:
        self._categories = Codes(
            dict(ServiceCategory.objects.values_list("name", "pk")),
            error=("", "%s"),
            max_length=100,
            make=self.context.reserve("catalogue_servicecategory_id_seq"),
        )
        return {
            "service_code": StagedField(few_texts(100), column="code"),
            "name": StagedField(few_texts(200), column="name"),
            "category": StagedField(self._categories, "bigint", "category_id"),
            "price": StagedField(amounts(self.context.decimal_separator_of("price")), "numeric", "price"),
            "duration_min": StagedField(integers(LONGEST_MINUTES), "int", "duration_min"),
            "interval_days": StagedField(integers(LONGEST_INTERVAL_DAYS), "int", "interval_days"),
        }

    def finish(self) -> Counts:
        add_categories(self.context.cursor, self.used("category", self._categories))
        load_services(self.staging, self.columns())
        return self._counts()
