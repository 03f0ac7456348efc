"""Brings the service catalogue in."""

from collections.abc import Mapping

from core.catalogue.models import Service, ServiceCategory
from core.imports.services.context import Counts
from core.imports.services.kinds.records import RecordImport, Staged
from core.imports.services.values.codes import Codes
from core.imports.services.values.numbers import amounts, integers
from core.imports.services.values.texts import few_texts

LONGEST_MINUTES = 100_000
LONGEST_INTERVAL_DAYS = 3650


class ServiceImport(RecordImport):
    model = Service
    key, key_column = "service_code", "code"

    def fields(self) -> Mapping[str, Staged]:
        self._categories = Codes(
            dict(ServiceCategory.objects.values_list("name", "pk")),
            error=("", "%s"),
            max_length=100,
            make=self.context.reserve("catalogue_servicecategory_id_seq"),
        )
        return {
            "service_code": Staged(few_texts(100), column="code"),
            "name": Staged(few_texts(200), column="name"),
            "category": Staged(self._categories, "bigint", "category_id"),
            "price": Staged(amounts(self.context.decimal_separator_of("price")), "numeric", "price"),
            "duration_min": Staged(integers(LONGEST_MINUTES), "int", "duration_min"),
            "interval_days": Staged(integers(LONGEST_INTERVAL_DAYS), "int", "interval_days"),
        }

    def finish(self) -> Counts:
        cursor = self.context.cursor
        if self._categories.new:
            cursor.execute(
                "INSERT INTO catalogue_servicecategory (id, name) SELECT new.id, new.name "
                "FROM unnest(%s::bigint[], %s::text[]) AS new (id, name) "
                "WHERE new.id IN (SELECT category FROM import_record WHERE NOT bad)",
                [list(self._categories.new.values()), list(self._categories.new)],
            )
        self._upsert(match="m.code = i.service_code")
        return self._counts()
