"""Clients whose number is another one now: they are renumbered, not doubled."""

from dataclasses import replace

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.clients.keys import client_key
from core.clients.services.loading import renumber_clients
from core.clients.services.matching import BATCH_SIZE, note_phones
from core.clients.titles import without_title
from core.imports.services.context import ImportContext
from core.imports.services.questions import Choice, Question
from core.membership import trail
from core.shared.chain import current_chain
from core.visits.services.loading import renumber_visits

SAME, OTHER = "same", "other"
KEY = "clients:renumbered"
_BARE = "upper(regexp_replace({}, '[[:space:]]', '', 'g'))"


def settle_renumbered(context: ImportContext, table: str, key: str, *, name: str, phone: str) -> bool:
    """Of a row with an unknown number, one client of the register alone has the phone and the name, and stands nowhere
    in the file by the own number. Asks, and gives those clients the numbers of the file; whether there are any.

    `key` is the column of the number, `name` and `phone` are expressions of a row `i`. `import_client` has the clients
    of the file; `client_renumbered` lists those who have another number.
    """
    cursor = context.cursor
    cursor.execute(
        "SELECT EXISTS (SELECT FROM import_client WHERE client_id IS NULL AND line IS NOT NULL) "
        "AND EXISTS (SELECT FROM clients_client)"
    )
    if not cursor.fetchone()[0]:
        return False
    _note_rows(cursor, table, key, name, phone)
    note_phones(cursor, "SELECT key FROM renumbered_row")
    bare = {one: _BARE.format(without_title(one)) for one in ("n.name", "c.name")}
    cursor.execute("DROP TABLE IF EXISTS pg_temp.client_renumbered")
    cursor.execute(
        "CREATE TEMP TABLE client_renumbered ON COMMIT DROP AS SELECT * FROM ("  # noqa: S608
        "SELECT c.id, c.ref AS was_ref, c.ref_key AS was, n.ref, n.client AS now, n.lines, "
        "coalesce(nullif(c.name, ''), n.name, '') AS name, is_stub, "
        "count(*) OVER (PARTITION BY n.client, n.store) AS of_row, count(*) OVER (PARTITION BY c.id) AS of_client "
        "FROM renumbered_row n JOIN (SELECT key, id FROM client_phone UNION "
        "SELECT c.ref_key, c.id FROM clients_client c JOIN renumbered_row n ON n.key = c.ref_key) AS p "
        "ON p.key = n.key JOIN clients_client c ON c.id = p.id "
        # What files that name a phone or a name alone have made is called so.
        "CROSS JOIN LATERAL (SELECT c.ref_key = n.key OR c.ref_key = upper(regexp_replace(normalize(c.name, NFKC), "
        "'[[:space:]]+', ' ', 'g')) AS is_stub) AS s "
        "WHERE c.merged_into_id IS NULL AND coalesce(c.ref_store_id, 0) = n.store "
        "AND NOT EXISTS (SELECT FROM import_client o WHERE o.client_id = c.id) "
        f"AND ({bare['c.name']} = {bare['n.name']} AND c.name <> '' "
        "OR c.ref_key = n.key AND (c.name = '' OR coalesce(n.name, '') = ''))) AS found "
        "WHERE of_row = 1 AND of_client = 1"
    )
    if not cursor.rowcount or context.questions.ask(_question(cursor)) != SAME:
        return False
    if context.audited:
        trail.remember("SELECT * FROM clients_client WHERE id IN (SELECT id FROM client_renumbered)")
    renumber_clients(cursor)
    renumber_visits(cursor, "SELECT id, was, now FROM client_renumbered")
    if context.audited:
        trail.record_changes(acting_user=context.acting_user)
    return True


def _note_rows(cursor: CursorWrapper, table: str, key: str, name: str, phone: str) -> None:
    """Clients who are not known, and have one phone in the file, with its key."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.renumbered_row")
    cursor.execute(
        "CREATE TEMP TABLE renumbered_row ON COMMIT DROP AS "  # noqa: S608
        "SELECT c.client, c.store, min(c.ref) AS ref, min(c.lines) AS lines, min(nullif(" + name + ", '')) AS name, "
        f"min({phone}) AS phone, NULL::text AS key FROM import_client c JOIN {table} i ON i.{key} = c.client "
        f"WHERE c.client_id IS NULL AND c.line IS NOT NULL AND NOT i.bad AND {phone} <> '' AND {phone} !~ '[*]' "
        f"GROUP BY 1, 2 HAVING min({phone}) = max({phone})"
    )
    country = current_chain().country
    with connection.chunked_cursor() as rows:
        rows.execute("SELECT DISTINCT phone FROM renumbered_row")
        while found := rows.fetchmany(BATCH_SIZE):
            phones = [phone for (phone,) in found]
            cursor.execute(
                "UPDATE renumbered_row n SET key = k.key FROM unnest(%s::text[], %s::text[]) AS k (phone, key) "
                "WHERE n.phone = k.phone",
                [phones, [client_key(phone, country) for phone in phones]],
            )
    # A phone that is the number is settled as such.
    cursor.execute("DELETE FROM renumbered_row WHERE key IS NULL OR key = client")


def _question(cursor: CursorWrapper) -> Question:
    cursor.execute(
        "SELECT count(*), sum(lines), bool_and(is_stub), "
        "(array_agg(concat(name || ': ', was_ref, ' → ', ref) ORDER BY is_stub, ref))[1:3] FROM client_renumbered"
    )
    clients, lines, only_stubs, examples = cursor.fetchone()
    text = ngettext(
        "%d client of the file has the phone and the name of a known client and another number. Did the number change?",
        "%d clients of the file have the phones and the names of known clients and other numbers. Did their numbers "
        "change?",
        clients,
    )
    question = Question(
        KEY,
        text % clients,
        (
            Choice(SAME, _("The numbers changed: the known clients get the new ones and keep all they have")),
            Choice(OTHER, _("They are others: add them")),
        ),
        proposed=SAME,
        rows=int(lines),
        examples=tuple(examples),
        effect=_("Who is added a second time starts without visits."),
    )
    if only_stubs:
        reason = _("They were made from files that gave their phones or names alone.")
        return replace(question, taken=SAME, reason=reason)
    return question
