"""Brings the client register in."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from core.clients.models import Client
from core.imports.services.context import Counts, Stores
from core.imports.services.kinds.records import RecordImport, Staged
from core.imports.services.rows import Chunk
from core.imports.services.values.codes import Codes, unknown
from core.imports.services.values.dates import EARLIEST_BIRTH, DateRules, Dates
from core.imports.services.values.memo import NULL, Problem
from core.imports.services.values.texts import GENDERS, Texts, few_texts, words
from core.membership import trail
from core.membership.models import ClientTier, MemberTier
from core.membership.signals import tiers_loaded
from core.shared.errors import AppError
from core.stores.models import BEGINNING

_TEXTS = {"name": 150, "phone": 40, "backup_phone": 40, "wechat": 100, "email": 254}


class ClientImport(RecordImport):
    """The first tier known of a client holds from the beginning, since visits before it are of the same client; another
    one later holds from today, or from `member_tier_from`."""

    model = Client
    key, key_column = "client_ref", "ref"

    def fields(self) -> Mapping[str, Staged]:
        self._stores = Stores.load()
        self._tiers = self._tier_codes()
        codes = Codes(self._stores.ids, error=("unknown_store", _("There is no store “%s”.")), max_length=64)
        genders = words(GENDERS)
        return {
            "client_ref": Staged(Texts(100), column="ref"),
            **{name: Staged(Texts(length), column=name) for name, length in _TEXTS.items()},
            "occupation": Staged(few_texts(100), column="occupation"),
            "education": Staged(few_texts(100), column="education"),
            "gender": Staged(genders, column="gender"),
            "birth_date": Staged(Dates(self._rules("birth_date")), "date", "birth_date"),
            "joined_on": Staged(Dates(self._rules("joined_on")), "date", "joined_on"),
            "store_code": Staged(codes, "bigint"),
            "member_tier": Staged(self._tiers, "bigint"),
            "member_tier_from": Staged(Dates(self._rules("member_tier_from")), "date"),
            "referrer_ref": Staged(Texts(100)),
        }

    def _rules(self, name: str) -> DateRules:
        context = self.context
        return DateRules(
            context.options.date_format,
            self._stores.latest_day,
            accept_iso=context.source.has_real_dates,
            heading=context.columns.heading_of(name),
            **({"earliest": EARLIEST_BIRTH} if name == "birth_date" else {}),
        )

    def _tier_codes(self) -> Codes:
        """By code or by name."""
        tiers = list(MemberTier.objects.values_list("pk", "code", "name"))
        return Codes(
            {code: pk for pk, code, _name in tiers},
            error=("unknown_member_tier", _("There is no member tier “%s”.")),
            max_length=50,
            make=self.context.reserve("membership_membertier_id_seq") if self.context.options.create_missing else None,
            otherwise={name: pk for pk, _code, name in tiers} | {name.casefold(): pk for pk, _code, name in tiers},
        )

    def extra_columns(self) -> Mapping[str, str]:
        return {"of_store": "bigint", "numbered_by": "bigint"}

    def complete(self, chunk: Chunk, values: dict[str, list[str]]) -> None:
        default = self._store_of_option()
        stores = [store if store != NULL else default for store in values.get("store_code", [NULL] * len(chunk))]
        values["of_store"] = stores
        if not self.context.options.client_ref_per_store:
            return
        values["numbered_by"] = stores
        missing = Problem("missing_value", _("There has to be a value."))
        for index, store in enumerate(stores):
            if store == NULL and index not in chunk.bad:
                chunk.flag_row(index, "store_code", missing)

    def _store_of_option(self) -> str:
        code = self.context.options.store
        if code is None:
            return NULL
        if code not in self._stores.ids:
            problem = unknown("unknown_store", _("There is no store “%s”."), code, self._stores.ids)
            raise AppError("unknown_store", str(problem), field="store")
        return str(self._stores.ids[code])

    def identity(self) -> Sequence[str]:
        return ["client_ref", "numbered_by"]

    def check(self) -> None:
        super().check()
        if not self.context.has("referrer_ref"):
            return
        referred = "SELECT line, referrer_ref FROM import_record i WHERE referrer_ref IS NOT NULL AND NOT bad"
        if not self.context.options.create_missing:
            same = "coalesce(%s, 0) = coalesce(i.numbered_by, 0)"
            query = (
                f"{referred} AND NOT EXISTS (SELECT FROM clients_client c WHERE c.ref = i.referrer_ref "  # noqa: S608
                f"AND {same % 'c.ref_store_id'}) AND NOT EXISTS (SELECT FROM import_record o "
                f"WHERE o.client_ref = i.referrer_ref AND NOT o.bad AND {same % 'o.numbered_by'})"
            )
            message = _("There is no client “%s”, here or in the file.")
            self.note("referrer_ref", "unknown_client", query, lambda ref: (message % ref, ref))
        own = _("A client cannot be referred by the same client.")
        self.note("referrer_ref", "own_referrer", f"{referred} AND referrer_ref = client_ref", lambda ref: (own, ref))
        if self.context.options.create_missing:
            self._make_referrers()

    def _make_referrers(self) -> None:
        """As rows of the file that say nothing but the number."""
        self.context.cursor.execute(
            "INSERT INTO import_record (line, bad, client_ref, numbered_by) "
            "SELECT min(i.line), false, i.referrer_ref, i.numbered_by FROM import_record i "
            "WHERE i.referrer_ref IS NOT NULL AND NOT i.bad AND NOT EXISTS (SELECT FROM import_record o "
            "WHERE o.client_ref = i.referrer_ref AND coalesce(o.numbered_by, 0) = coalesce(i.numbered_by, 0)) "
            "AND NOT EXISTS (SELECT FROM clients_client c WHERE c.ref = i.referrer_ref "
            "AND coalesce(c.ref_store_id, 0) = coalesce(i.numbered_by, 0)) GROUP BY 3, 4"
        )

    def finish(self) -> Counts:
        match = "m.ref = i.client_ref AND coalesce(m.ref_store_id, 0) = coalesce(i.numbered_by, 0)"
        if self.context.audited:
            trail.remember(f"SELECT m.* FROM clients_client m JOIN import_record i ON {match} WHERE NOT i.bad")  # noqa: S608
        self._upsert(
            match=match,
            given={"store_id": "i.of_store"},
            fresh={"ref_store_id": "i.numbered_by"},
        )
        if self.context.has("referrer_ref"):
            self._refer()
        if self.context.has("member_tier"):
            self._hold_tiers()
        if self.context.audited:
            trail.record_changes(acting_user=self.context.acting_user)
        return self._counts()

    _FOUND = (
        "JOIN clients_client c ON c.ref = i.client_ref AND coalesce(c.ref_store_id, 0) = coalesce(i.numbered_by, 0)"
    )

    def _refer(self) -> None:
        self.context.cursor.execute(
            f"WITH referred AS (UPDATE clients_client m SET referrer_id = r.id FROM import_record i {self._FOUND} "  # noqa: S608
            "JOIN clients_client r ON r.ref = i.referrer_ref "
            "AND coalesce(r.ref_store_id, 0) = coalesce(i.numbered_by, 0) "
            "WHERE NOT i.bad AND m.id = c.id AND m.referrer_id IS DISTINCT FROM r.id RETURNING m.id) "
            "INSERT INTO import_done SELECT id, false FROM referred"
        )

    def _hold_tiers(self) -> None:
        cursor = self.context.cursor
        if self._tiers.new:
            cursor.execute(
                "INSERT INTO membership_membertier (id, code, name, rank) SELECT new.id, new.code, new.code, "
                "(SELECT coalesce(max(rank), 0) FROM membership_membertier) "
                "FROM unnest(%s::bigint[], %s::text[]) AS new (id, code) "
                "WHERE new.id IN (SELECT member_tier FROM import_record WHERE NOT bad)",
                [list(self._tiers.new.values()), list(self._tiers.new)],
            )
        since = "i.member_tier_from" if self.context.has("member_tier_from") else "NULL::date"
        cursor.execute("CREATE TEMP TABLE promoted (client_id bigint PRIMARY KEY) ON COMMIT DROP")
        cursor.execute(
            f"""WITH stated AS (
                    SELECT c.id AS client_id, i.member_tier AS tier_id,
                           coalesce({since}, CASE WHEN held.client_id IS NULL THEN %s::date ELSE %s::date END) AS since
                    FROM import_record i {self._FOUND}
                    LEFT JOIN (SELECT DISTINCT client_id FROM membership_clienttier) AS held ON held.client_id = c.id
                    WHERE NOT i.bad AND i.member_tier IS NOT NULL
                ), another AS (
                    SELECT s.* FROM stated s LEFT JOIN LATERAL (
                        SELECT t.tier_id FROM membership_clienttier t
                        WHERE t.client_id = s.client_id AND t.valid_from <= s.since ORDER BY t.valid_from DESC LIMIT 1
                    ) AS now_held ON true WHERE now_held.tier_id IS DISTINCT FROM s.tier_id
                ), granted AS (
                    INSERT INTO membership_clienttier (client_id, tier_id, valid_from) SELECT * FROM another
                    ON CONFLICT (client_id, valid_from) DO UPDATE SET tier_id = excluded.tier_id RETURNING client_id
                )
                INSERT INTO promoted SELECT DISTINCT client_id FROM granted""",  # noqa: S608
            [BEGINNING, self._stores.latest_day],
        )
        cursor.execute("INSERT INTO import_done SELECT client_id, false FROM promoted")
        self.context.step("facts")
        tiers_loaded.send(ClientTier, cursor=cursor, table="promoted")
        cursor.execute("DROP TABLE promoted")
