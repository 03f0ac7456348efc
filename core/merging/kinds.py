"""What can be merged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from core.catalogue.models import Service
from core.clients.models import Client
from core.merging.models import Kind
from core.shared.merged import Mergeable
from core.stores.models import Store


@dataclass(frozen=True)
class MergeKind:
    model: type[Mergeable]
    # Visits `v` that name such a record, given its id.
    visits: str

    @property
    def records(self) -> QuerySet[Any, Any]:
        """Those that were merged too."""
        return QuerySet(self.model)


KINDS: Mapping[str, MergeKind] = {
    Kind.STORE: MergeKind(Store, "v.store_id = %s"),
    Kind.SERVICE: MergeKind(Service, "v.id IN (SELECT l.visit_id FROM visits_visitline l WHERE l.service_id = %s)"),
    Kind.CLIENT: MergeKind(Client, "v.client_id = %s"),
}
