"""What files of records of clients have in common, such as appointments: a row has no code of its own, names a client
and may name a store, a member of staff and a service."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from core.catalogue.models import UNCATEGORISED, Service
from core.catalogue.services.loading import add_categories, add_services
from core.imports.services.chunks import Chunk
from core.imports.services.context import ImportContext
from core.imports.services.kinds.matching import category_codes, service_codes, staff_codes, store_codes
from core.imports.services.kinds.new_records import stores_of_staff, tell_new
from core.imports.services.kinds.record_clients import COLUMNS, RecordClients
from core.imports.services.kinds.records import RecordImport
from core.imports.services.values.codes import Codes
from core.shared.entitlements import require_room
from core.shared.merged import follow_merged
from core.staff.models import StaffMember
from core.staff.services.loading import add_staff
from core.stores.models import Store


class ClientRecordImport(RecordImport):
    """Rows are matched to records by what they say: `known` is the record's id."""

    # Whether a row of nobody is wrong.
    needs_client: ClassVar[bool]
    needs_store: ClassVar[bool]

    def __init__(self, context: ImportContext) -> None:
        super().__init__(context)
        self.clients = RecordClients(context, needed=self.needs_client)

    @abstractmethod
    def match(self) -> None:
        """Sets `known` of the rows."""

    def references(self) -> Mapping[str, Codes]:
        self._services = service_codes(self.context)
        self._staff = staff_codes(self.context)
        self._categories = category_codes(self.context)
        codes = {"store_code": store_codes(self.context), "service_code": self._services, "staff_code": self._staff}
        return {name: of for name, of in codes.items() if self.context.has(name)}

    def extra_columns(self) -> Mapping[str, str]:
        return {"of_store": "bigint", "known": "bigint", **COLUMNS}

    def extra_values(self, chunk: Chunk, values: Mapping[str, list[str]]) -> dict[str, list[str]]:
        per_store = self.context.options.client_ref_per_store
        stores = self.stores_of(chunk, values, needed=self.needs_store or per_store)
        if self._services.fresh():
            # Ids are reserved while the file is read.
            self._categories.read([UNCATEGORISED])
        return {"of_store": stores, **self.clients.stage(chunk, values, stores)}

    def check(self) -> None:
        super().check()
        self.clients.find()
        clients = self.clients
        self.mark_bad(clients.field, "several_clients", clients.select_shared(), clients.describe_shared)
        self.mark_bad(clients.field, "unknown_client", clients.select_unknown(), clients.describe_unknown)
        self._follow_merges()
        self.match()

    def _follow_merges(self) -> None:
        """Records that were merged into others are those."""
        follow_merged(self.context.cursor, Store, self.table, "of_store")
        if self.context.has("service_code"):
            follow_merged(self.context.cursor, Service, self.table, "service_code")
        if self.context.has("staff_code"):
            follow_merged(self.context.cursor, StaffMember, self.table, "staff_code")

    def said(self) -> dict[str, str]:
        """By column of the model, what the row says; of columns that the file has."""
        found = {**self.columns(), "client_id": "i.client"}
        for column, name in {"service_id": "service_code", "staff_id": "staff_code"}.items():
            if self.context.has(name):
                found[column] = f"i.{name}"
        if self.needs_store or self.context.has("store_code") or self.context.options.store:
            found["store_id"] = "i.of_store"
        return found

    def make_stubs(self) -> None:
        """For services and staff that good rows name and the chain lacks."""
        cursor = self.context.cursor
        services, staff = self.used("service_code", self._services), self.used("staff_code", self._staff)
        if services:
            add_categories(cursor, {pk: name for name, pk in self._categories.new.items()})
            category = int(self._categories[UNCATEGORISED])
            add_services(cursor, services, dict.fromkeys(services, category))
        stores = stores_of_staff(cursor, self.table, list(staff), by="staff_code", store="of_store")
        add_staff(cursor, staff, stores)
        tell_new(self.context, "new_services", list(services.values()))
        tell_new(self.context, "new_staff", list(staff.values()))
        if staff:
            require_room("staff", StaffMember.objects.count)
