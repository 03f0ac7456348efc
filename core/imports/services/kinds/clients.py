"""Brings the client register in."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from core.clients.models import Client
from core.clients.services.loading import (
    SAME_CLIENT,
    birth_columns,
    load_clients,
    refer_clients,
    take_former_numbers,
)
from core.imports.services.chunks import Chunk, missing_value
from core.imports.services.kinds.client_keys import ClientKeys, prepare_keys
from core.imports.services.kinds.client_numbers import KEY as RENUMBERED
from core.imports.services.kinds.client_numbers import SAME
from core.imports.services.kinds.client_twins import ClientRows, gather_record_clients, settle_clients
from core.imports.services.kinds.matching import store_codes, tier_codes
from core.imports.services.kinds.person_cells import PersonCells, first_phone, may_be_several, second_phone
from core.imports.services.kinds.records import RecordImport
from core.imports.services.values.codes import Codes
from core.imports.services.values.memo import NULL
from core.membership import trail
from core.membership.services.loading import add_tiers, announce_tiers, hold_tiers
from core.shared.merged import kept
from core.stores.models import BEGINNING, Store


class ClientImport(RecordImport):
    """The first tier known of a client holds from the beginning, since visits before it are of the same client; another
    one later holds from today, or from `member_tier_from`."""

    model = Client
    key = "client_ref"

    def prepare(self) -> None:
        super().prepare()
        prepare_keys(self.context.cursor)
        self._keys = ClientKeys()
        self._people = PersonCells(self.context, self.key, is_phone=False, is_name=False, or_name=False, needed=True)

    def references(self) -> Mapping[str, Codes]:
        self._tiers = tier_codes(self.context)
        return {"store_code": store_codes(self.context), "member_tier": self._tiers}

    def extra_columns(self) -> Mapping[str, str]:
        columns = {"of_store": "bigint", "numbered_by": "bigint", "client_key": "text", "referrer_key": "text"}
        return columns if self.context.has("backup_phone") else {**columns, "backup_phone": "text"}

    def extra_values(self, chunk: Chunk, values: Mapping[str, list[str]]) -> dict[str, list[str]]:
        refs = self._people.read(chunk.cells["client_ref"])
        extra = {
            "client_key": self._keys.read(refs),
            "client_ref": list(map(first_phone, values["client_ref"])),
            **self._stores(chunk, values),
            **self._phones(values),
        }
        for index, ref in enumerate(refs):
            if not ref and index not in chunk.bad:
                chunk.flag_row(index, self.key, missing_value(), chunk.cells["client_ref"][index])
        if "referrer_ref" in chunk.cells:
            extra["referrer_key"] = self._keys.read(list(map(first_phone, chunk.cells["referrer_ref"])))
        return extra

    def _phones(self, values: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """Of two phones in one cell the second is the one besides."""
        phones = values.get("phone", [])
        if not may_be_several("".join(phones)):
            return {}
        besides = values.get("backup_phone", [NULL] * len(phones))
        seconds = [second_phone(phone) or NULL for phone in phones]
        return {
            "phone": list(map(first_phone, phones)),
            "backup_phone": [
                second if other == NULL else other for other, second in zip(besides, seconds, strict=True)
            ],
        }

    def columns(self) -> dict[str, str]:
        return {**super().columns(), "backup_phone": "i.backup_phone"}

    def _stores(self, chunk: Chunk, values: Mapping[str, list[str]]) -> dict[str, list[str]]:
        per_store = self.context.options.client_ref_per_store
        stores = self.stores_of(chunk, values, needed=per_store)
        return {"of_store": stores, "numbered_by": stores} if per_store else {"of_store": stores}

    def identity(self) -> Sequence[str]:
        return ["client_key", "numbered_by"]

    @property
    def same(self) -> str:
        return SAME_CLIENT

    def keys(self) -> dict[str, str]:
        return {"client_ref": "ref", "client_key": "ref_key", "numbered_by": "ref_store_id"}

    def known(self) -> dict[str, str]:
        known = {**super().known(), "of_store": "k.store_id IS NOT NULL"}
        if "birth_date" in known:
            known["birth_date"] = "k.birth_date IS NOT NULL OR k.birthday <> ''"
        if self.context.has("referrer_ref"):
            known["referrer_key"] = "k.referrer_id IS NOT NULL"
        if self.context.has("member_tier"):
            known["member_tier"] = "EXISTS (SELECT FROM membership_clienttier t WHERE t.client_id = k.id)"
        return known

    def check(self) -> None:
        self._people.tell()
        take_former_numbers(self.staging)
        self._gather()
        name = "i.name" if self.context.has("name") else "NULL::text"
        settle_clients(
            self.context,
            ClientRows(
                self.table,
                "client_key",
                "numbered_by",
                self._gather,
                others=("referrer_key",),
                name=name,
                phone="i.phone" if self.context.has("phone") else "",
            ),
        )
        if self.context.questions.taken(RENUMBERED) == SAME:
            self.context.cursor.execute("INSERT INTO import_done SELECT id, false FROM client_renumbered")
        super().check()
        if not self.context.has("referrer_ref"):
            return
        referred = "SELECT line, referrer_ref FROM import_record i WHERE referrer_ref IS NOT NULL AND NOT bad"
        if not self.context.options.create_missing:
            same = "coalesce(%s, 0) = coalesce(i.numbered_by, 0)"
            query = (
                f"{referred} AND NOT EXISTS (SELECT FROM clients_client c WHERE c.ref_key = i.referrer_key "  # noqa: S608
                f"AND {same % 'c.ref_store_id'}) AND NOT EXISTS (SELECT FROM import_record o "
                f"WHERE o.client_key = i.referrer_key AND NOT o.bad AND {same % 'o.numbered_by'})"
            )
            message = _("There is no client “%s”, here or in the file.")
            self.mark_bad("referrer_ref", "unknown_client", query, lambda ref: (message % ref, ref))
        own = _("A client cannot be referred by the same client.")
        self.mark_bad(
            "referrer_ref", "own_referrer", f"{referred} AND referrer_key = client_key", lambda ref: (own, ref)
        )
        if self.context.options.create_missing:
            self._make_referrers()

    def _gather(self) -> None:
        columns, rows = "line, bad, numbered_by", self.table
        if self.context.has("referrer_ref"):
            rows = (
                f"(SELECT {columns}, client_key, client_ref FROM {rows} UNION ALL "  # noqa: S608
                f"SELECT {columns}, referrer_key, referrer_ref FROM {rows})"
            )
        gather_record_clients(
            self.context.cursor,
            "min((SELECT m.id FROM clients_client m WHERE m.ref_key = i.client_key "
            "AND coalesce(m.ref_store_id, 0) = coalesce(i.numbered_by, 0)))",
            "i.client_ref",
            rows,
        )

    def _make_referrers(self) -> None:
        """As rows of the file that say nothing but the number."""
        self.context.cursor.execute(
            "INSERT INTO import_record (line, bad, client_ref, client_key, numbered_by) "
            "SELECT min(i.line), false, min(i.referrer_ref), i.referrer_key, i.numbered_by FROM import_record i "
            "WHERE i.referrer_ref IS NOT NULL AND NOT i.bad AND NOT EXISTS (SELECT FROM import_record o "
            "WHERE o.client_key = i.referrer_key AND coalesce(o.numbered_by, 0) = coalesce(i.numbered_by, 0)) "
            "AND NOT EXISTS (SELECT FROM clients_client c WHERE c.ref_key = i.referrer_key "
            "AND coalesce(c.ref_store_id, 0) = coalesce(i.numbered_by, 0)) GROUP BY 4, 5"
        )

    def write(self) -> None:
        if self.context.audited:
            trail.remember(
                f"SELECT m.* FROM clients_client m JOIN import_record i ON {SAME_CLIENT} WHERE NOT i.bad"  # noqa: S608
            )
        birth = birth_columns("i.birth_date") if self.context.has("birth_date") else {}
        load_clients(self.staging, {**self.columns(), **birth, "store_id": kept(Store, "i.of_store")})
        if self.context.has("referrer_ref"):
            refer_clients(self.staging)
        if self.context.has("member_tier"):
            self._hold_tiers()
        if self.context.audited:
            trail.record_changes(acting_user=self.context.acting_user)

    def _hold_tiers(self) -> None:
        cursor = self.context.cursor
        add_tiers(cursor, self.used("member_tier", self._tiers))
        since = "i.member_tier_from" if self.context.has("member_tier_from") else "NULL::date"
        hold_tiers(self.staging, since=since, first=BEGINNING, later=self.context.stores.latest_day)
        self.context.progress.step("facts")
        announce_tiers(cursor)
