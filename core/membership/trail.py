"""The audit trail of clients who are changed as a set, by a file: one entry a client, with what differs.

Clients that a file makes have none of their own: its entry says how many there are, and nothing was there before.
"""

from django.db import connection

from core.accounts.models import User
from core.audit.trail import record_each
from core.clients.declaration import Kind
from core.clients.models import Client
from core.membership.declaration import Action

# References in words, as people know what they point to. `c` is the client, then or now.
_IN_WORDS = {
    "store": "(SELECT code FROM stores_store WHERE id = c.store_id)",
    "ref_store": "(SELECT code FROM stores_store WHERE id = c.ref_store_id)",
    "referrer": "(SELECT ref FROM clients_client WHERE id = c.referrer_id)",
}
# Tiers with the day each is held from; the first is held from the beginning.
_TIERS = (
    "SELECT held.client_id, string_agg(CASE WHEN held.valid_from = '0001-01-01' THEN tier.code "
    "ELSE tier.code || ' ' || held.valid_from END, ', ' ORDER BY held.valid_from) AS member_tier "
    "FROM membership_clienttier held JOIN membership_membertier tier ON tier.id = held.tier_id "
    "WHERE held.client_id IN (SELECT id FROM client_before) GROUP BY 1"
)


def remember(clients: str) -> None:
    """As they are now: `clients` is a query of whole rows. Within a transaction, as `record_changes` is after it."""
    with connection.cursor() as cursor:
        for table in ("client_before", "client_tiers_before"):
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(f"CREATE TEMP TABLE client_before ON COMMIT DROP AS {clients}")
        cursor.execute("ANALYZE client_before")
        cursor.execute(f"CREATE TEMP TABLE client_tiers_before ON COMMIT DROP AS {_TIERS}")


def record_changes(*, acting_user: User | None) -> int:
    """An entry for each of the clients remembered who is not as before. Returns how many."""
    return record_each(action=Action.CLIENT_CHANGED, acting_user=acting_user, kind=Kind.CLIENT, changes=_changes())


def _changes() -> str:
    names = [field.name for field in Client._meta.concrete_fields if field.editable and not field.primary_key]
    differing = ", ".join(f"('{name}', {_told(name, 'b')}, {_told(name, 'n')})" for name in names)
    return (
        "SELECT n.id, coalesce(nullif(n.name, ''), n.ref) AS label, differ.before, differ.after "  # noqa: S608
        "FROM client_before b JOIN clients_client n ON n.id = b.id "
        "LEFT JOIN client_tiers_before old ON old.client_id = n.id "
        f"LEFT JOIN ({_TIERS}) new ON new.client_id = n.id "
        "CROSS JOIN LATERAL (SELECT jsonb_object_agg(name, was) AS before, jsonb_object_agg(name, is_now) AS after "
        f"FROM (VALUES {differing}, ('member_tier', to_jsonb(old.member_tier), to_jsonb(new.member_tier))) "
        "AS field (name, was, is_now) WHERE was IS DISTINCT FROM is_now) AS differ "
        "WHERE ROW(b.*) IS DISTINCT FROM ROW(n.*) OR old.member_tier IS DISTINCT FROM new.member_tier"
    )


def _told(name: str, row: str) -> str:
    if name not in _IN_WORDS:
        return f"to_jsonb({row}.{name})"
    # Looked up where they differ alone.
    looked_up = _IN_WORDS[name].replace("c.", f"{row}.")
    return f"CASE WHEN b.{name}_id IS DISTINCT FROM n.{name}_id THEN to_jsonb({looked_up}) END"
