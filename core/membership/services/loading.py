"""Member tiers and who holds which, as files bring them."""

from collections.abc import Mapping
from datetime import date

from django.db.backends.utils import CursorWrapper

from core.clients.services.loading import SAME_CLIENT
from core.membership.models import ClientTier, MemberTier
from core.membership.signals import tiers_loaded
from core.shared.bulk_writes import Staging
from core.shared.journal import note_before, note_made, noted_insert


def add_tiers(cursor: CursorWrapper, codes: Mapping[int, str]) -> None:
    """By the id that each is to have; above all that there are."""
    cursor.execute(
        "INSERT INTO membership_membertier (id, code, name, rank) SELECT new.id, new.code, new.code, "
        "(SELECT coalesce(max(rank), 0) FROM membership_membertier) "
        "FROM unnest(%s::bigint[], %s::text[]) AS new (id, code)",
        [list(codes), list(codes.values())],
    )
    note_made(cursor, MemberTier, "SELECT unnest(%s::bigint[])", [list(codes)])


def hold_tiers(staging: Staging, *, since: str, first: date, later: date) -> None:
    """Rows name a client as `core.clients.services.loading` has it, and the id of the tier as `member_tier`.

    A tier is held from the day of the expression `since`; where that is none, the first known of a client is held from
    the day `first`, another one from the day `later`.
    """
    cursor = staging.cursor
    cursor.execute(
        f"""CREATE TEMP TABLE promoted ON COMMIT DROP AS
            WITH stated AS (
                SELECT m.id AS client_id, i.member_tier AS tier_id,
                       coalesce({since}, CASE WHEN held.client_id IS NULL THEN %s::date ELSE %s::date END) AS since
                FROM {staging.rows} i JOIN clients_client m ON {SAME_CLIENT}
                LEFT JOIN (SELECT DISTINCT client_id FROM membership_clienttier) AS held ON held.client_id = m.id
                WHERE NOT i.bad AND i.member_tier IS NOT NULL
            )
            SELECT s.* FROM stated s LEFT JOIN LATERAL (
                SELECT t.tier_id FROM membership_clienttier t
                WHERE t.client_id = s.client_id AND t.valid_from <= s.since ORDER BY t.valid_from DESC LIMIT 1
            ) AS now_held ON true WHERE now_held.tier_id IS DISTINCT FROM s.tier_id""",  # noqa: S608
        [first, later],
    )
    same = "EXISTS (SELECT FROM promoted p WHERE p.client_id = m.client_id AND p.since = m.valid_from)"
    note_before(cursor, ClientTier, same)
    statement = (
        "INSERT INTO membership_clienttier (client_id, tier_id, valid_from) SELECT client_id, tier_id, since "
        "FROM promoted ON CONFLICT (client_id, valid_from) DO UPDATE SET tier_id = excluded.tier_id"
    )
    cursor.execute(noted_insert(ClientTier, statement))
    cursor.execute(f"INSERT INTO {staging.done} SELECT client_id, false FROM promoted")  # noqa: S608


def announce_tiers(cursor: CursorWrapper) -> None:
    """After `hold_tiers`."""
    tiers_loaded.send(ClientTier, cursor=cursor, table="promoted")
    cursor.execute("DROP TABLE promoted")
