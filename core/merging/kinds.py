"""What can be merged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from core.catalogue.models import UNCATEGORISED, Service, ServiceCategory
from core.clients.models import Client
from core.merging.models import Kind
from core.shared.merged import Mergeable
from core.staff.models import StaffMember
from core.stores.models import Store


@dataclass(frozen=True)
class MergeKind:
    model: type[Mergeable]
    # Visits `v` that name such a record, given its id.
    visits: str
    # The field that names it to people, and where it is no record like the others, its name.
    code: str = "code"
    apart: str = ""

    @property
    def records(self) -> QuerySet[Any, Any]:
        """Those that were merged too."""
        return QuerySet(self.model)

    @property
    def present(self) -> QuerySet[Any, Any]:
        """Those that can be merged."""
        return self.records.filter(merged_into=None).exclude(**{self.code: self.apart})


KINDS: Mapping[str, MergeKind] = {
    Kind.STORE: MergeKind(Store, "v.store_id = %s"),
    Kind.STAFF: MergeKind(StaffMember, "v.id IN (SELECT l.visit_id FROM visits_visitline l WHERE l.staff_id = %s)"),
    Kind.SERVICE: MergeKind(Service, "v.id IN (SELECT l.visit_id FROM visits_visitline l WHERE l.service_id = %s)"),
    Kind.CATEGORY: MergeKind(
        ServiceCategory,
        "v.id IN (SELECT l.visit_id FROM visits_visitline l WHERE l.category_id = %s)",
        code="name",
        apart=UNCATEGORISED,
    ),
    Kind.CLIENT: MergeKind(Client, "v.client_id = %s", code="ref"),
}
