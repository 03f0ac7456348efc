"""Clients of one file who may be the same person: numbers that differ by leading zeros, names by a space or a comma,
phones by the code of a country, also where the register has the other writing; and phones of clients whom the register
has by another number.

The same of every kind of file. `import_client` has a row for each client that the file names: `client` is the key,
`ref` as the first row writes it, `line` its first good row, how many `lines` it has, `store` the one that numbers it
(else 0) and `client_id` the one who is known.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from core.clients.services.matching import note_phones
from core.clients.titles import without_title
from core.imports.services.context import ImportContext
from core.imports.services.kinds import visit_staging
from core.imports.services.kinds.client_numbers import settle_renumbered
from core.imports.services.questions import Choice, Question
from core.imports.services.results import Finding

SAME, OTHER = "same", "other"
EXAMPLES = 3
_LETTER = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
# How an unusual key is written usually: 000123 as 123; 王 一 as 王一; LEE, ANNA as ANNA LEE.
_BY_NAME = (
    "CASE WHEN client LIKE '%, %' THEN split_part(client, ', ', 2) || ' ' || split_part(client, ', ', 1) "
    "ELSE replace(client, ' ', '') END"
)
_KINDS = {
    "zeros": ("client ~ '^0+[1-9][0-9]*$'", "ltrim(client, '0')"),
    "names": (f"client ~ '^{_LETTER}+ {_LETTER}+$' OR client ~ '^[^,]+, [^,]+$'", _BY_NAME),
}
ZEROS, NAMES, CODES = "zeros", "names", "codes"
# A phone with the code of its country: behind a plus, or so long that it is hardly anything else.
_LONG = "{0} ~ '^\\+[0-9]{{9,15}}$' OR {0} ~ '^(00)?[1-9][0-9]{{11,14}}$'"
# What is left without the code: of a number without a plus at least ten digits.
_WITHOUT_CODE = "char_length(short) >= CASE WHEN key LIKE '+%%' THEN 7 ELSE 10 END"


@dataclass(frozen=True)
class _Twins:
    clients: int
    lines: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class ClientRows:
    """A staging table of rows that name clients by a key."""

    table: str
    # The column of the key, and of the store that numbers the client.
    key: str
    store: str
    # Fills `import_client`.
    gather: Callable[[], None]
    # Further columns of keys.
    others: tuple[str, ...] = ()
    # How it is written, where that is not the key.
    written: str = ""
    # An expression of the name that a row gives.
    name: str = "NULL::text"
    # The same of the phone, beside a number.
    phone: str = ""
    # Of rows that keep their key: the column of the client.
    client: str = ""

    def rekey(self, cursor: CursorWrapper, found: str, key: str, where: str, *, as_known: bool = True) -> None:
        """Rows of the clients `t` of the table `found` get another key; `as_known` the register has its writing."""
        for column in (self.key, *self.others):
            also = f", {self.written} = NULL" if self.written and as_known and column == self.key else ""
            cursor.execute(
                f"UPDATE {self.table} i SET {column} = {key}{also} FROM {found} t "  # noqa: S608
                f"WHERE i.{column} = t.client AND {where}"
            )


def gather_record_clients(cursor: CursorWrapper, known: str, written: str, rows: str = "import_record") -> None:
    """The clients of the staged rows `i`: `known` gives the id of the one who is known, `written` how a row writes the
    client."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_client")
    cursor.execute(
        "CREATE TEMP TABLE import_client ON COMMIT DROP AS SELECT i.client_key AS client, "  # noqa: S608
        f"coalesce(i.numbered_by, 0) AS store, (array_agg({written} ORDER BY i.line))[1] AS ref, "
        f"min(i.line) FILTER (WHERE NOT i.bad) AS line, count(*) AS lines, {known} AS client_id "
        f"FROM {rows} i WHERE i.client_key IS NOT NULL GROUP BY 1, 2"
    )
    cursor.execute("ANALYZE import_client")


def settle_clients(context: ImportContext, rows: ClientRows) -> None:
    """Asks, and makes those one who are the same. `import_client` has been gathered, and is again."""
    cursor = context.cursor
    if _settle_zeros(context, rows):
        rows.gather()
    if rows.phone and settle_renumbered(context, rows.table, rows.key, name=rows.name, phone=rows.phone):
        rows.gather()
    note_phones(cursor, "SELECT client AS key FROM import_client WHERE client_id IS NULL")
    if _settle_twins(context, rows):
        rows.gather()
    if _settle_phones(context, rows):
        rows.gather()


def _settle_zeros(context: ImportContext, rows: ClientRows) -> bool:
    """Spreadsheets take leading zeros from numbers: 000123 becomes 123."""
    cursor = context.cursor
    found = visit_staging.find_without_zeros(cursor)
    if not found.clients:
        return False
    text = ngettext(
        "%d client number of the file is in the register with leading zeros. Is it the same client?",
        "%d client numbers of the file are in the register with leading zeros. Are they the same clients?",
        found.clients,
    )
    question = Question(
        "clients:zeros",
        text % found.clients,
        (Choice(SAME, _("The clients of the register")), Choice(OTHER, _("Other clients"))),
        proposed=SAME,
        rows=found.lines,
        examples=found.examples,
        effect=_("If they were taken as other clients, nobody would be found to come back."),
    )
    if found.is_plain:
        reason = _("Each unknown number of the file is the number of one client once zeros are left out.")
        question = replace(question, taken=SAME, reason=reason)
    if context.questions.ask(question) == OTHER:
        return False
    rows.rekey(cursor, "import_zeros", "t.key", f"(t.store = 0 OR t.store = i.{rows.store})")
    return True


def _settle_twins(context: ImportContext, rows: ClientRows) -> bool:
    cursor, changed = context.cursor, False
    for kind in (ZEROS, NAMES, CODES):
        found = _find_codes(cursor) if kind == CODES else _find(cursor, kind)
        if found.clients and context.questions.ask(_question(kind, found)) == SAME:
            rows.rekey(cursor, "import_twin", "t.kept", "t.client <> t.kept", as_known=False)
            changed = True
    return changed


def _settle_phones(context: ImportContext, rows: ClientRows) -> bool:
    """Whom the file names by a phone may be in the register by a number."""
    cursor = context.cursor
    of_its_store = "" if rows.client else "AND coalesce(c.ref_store_id, 0) = i.store"
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_phone")
    cursor.execute(
        "CREATE TEMP TABLE import_phone ON COMMIT DROP AS SELECT i.client, i.store, i.ref, i.lines, p.of, "  # noqa: S608
        "c.id, c.ref_key AS key, c.ref AS known, c.name FROM import_client i "
        "JOIN (SELECT key, min(id) AS id, count(DISTINCT id) AS of FROM client_phone GROUP BY 1) AS p "
        "ON p.key = i.client "
        f"JOIN clients_client c ON c.id = p.id {of_its_store} WHERE i.client_id IS NULL"
    )
    cursor.execute("ANALYZE import_phone")
    bare = "upper(regexp_replace({}, '[[:space:]]', '', 'g'))"
    cursor.execute(
        "SELECT count(*) FILTER (WHERE of > 1), coalesce(sum(lines) FILTER (WHERE of > 1), 0), "  # noqa: S608
        "(array_agg(ref ORDER BY ref) FILTER (WHERE of > 1))[1:3], count(*) FILTER (WHERE of = 1), "
        "coalesce(sum(lines) FILTER (WHERE of = 1), 0), (array_agg(concat_ws(' ', ref || ' → ' || known, "
        "nullif(name, '')) ORDER BY is_other DESC, ref) FILTER (WHERE of = 1))[1:3], "
        "coalesce(bool_or(is_other), false) "
        "FROM (SELECT p.*, n.client IS NOT NULL AS is_other FROM import_phone p LEFT JOIN ("
        f"SELECT DISTINCT p.client, p.store FROM import_phone p JOIN {rows.table} i ON i.{rows.key} = p.client "
        f"WHERE p.of = 1 AND p.name <> '' AND {rows.name} <> '' AND {rows.name} <> p.name "
        f"AND {bare.format(without_title(rows.name))} <> {bare.format(without_title('p.name'))}"
        ") AS n USING (client, store)) AS found"
    )
    several, lines, examples, clients, of_lines, of_examples, names_differ = cursor.fetchone()
    if several and not rows.client:
        message = ngettext(
            "%d phone of the file is of several clients of the register: it counts as a client of its own.",
            "%d phones of the file are of several clients of the register: they count as clients of their own.",
            several,
        )
        effect = _("Merge the clients of the register if they are one, then bring the file in again.")
        context.findings.append(
            Finding(
                "warning", "shared_phones", message % several, rows=int(lines), examples=tuple(examples), effect=effect
            )
        )
    if not clients:
        return False
    text = ngettext(
        "%d phone of the file is of a client whom the register has by another number. Is it the same client?",
        "%d phones of the file are of clients whom the register has by other numbers. Are they the same clients?",
        clients,
    )
    question = Question(
        "clients:phones",
        text % clients,
        (Choice(SAME, _("The clients of the register")), Choice(OTHER, _("Other clients"))),
        proposed=SAME,
        rows=int(of_lines),
        examples=tuple(of_examples),
        effect=_("If they were taken as other clients, nobody would be found to come back."),
    )
    if not names_differ:
        question = replace(
            question, taken=SAME, reason=_("Each phone is of one client alone, and no name speaks against it.")
        )
    if context.questions.ask(question) != SAME:
        return False
    if rows.client:
        cursor.execute(
            f"UPDATE {rows.table} i SET {rows.client} = t.id FROM import_phone t "  # noqa: S608
            f"WHERE i.{rows.key} = t.client AND t.of = 1 AND NOT i.bad AND i.{rows.client} IS NULL"
        )
    else:
        rows.rekey(cursor, "import_phone", "t.key", f"t.of = 1 AND (t.store = 0 OR t.store = i.{rows.store})")
    return True


def _find(cursor: CursorWrapper, kind: str) -> _Twins:
    """Kept is the one that is known, else the one with most lines."""
    is_odd, usual = _KINDS[kind]
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_twin")
    cursor.execute(
        "CREATE TEMP TABLE import_twin ON COMMIT DROP AS WITH odd AS "  # noqa: S608
        f"(SELECT DISTINCT client, {usual} AS usual FROM import_client WHERE {is_odd}), twin AS "
        "(SELECT client, usual FROM odd UNION "
        "SELECT c.client, c.client FROM import_client c JOIN odd ON c.client = odd.usual) "
        "SELECT * FROM (SELECT t.client, c.lines, count(*) OVER (PARTITION BY t.usual) AS of, "
        "first_value(t.client) OVER (PARTITION BY t.usual ORDER BY c.client_id IS NULL, c.lines DESC, client) AS kept "
        "FROM twin t JOIN import_client c USING (client)) AS all_of_them WHERE of > 1"
    )
    return _found(cursor)


def _find_codes(cursor: CursorWrapper) -> _Twins:
    """Phones of which the file or the register has both writings. Two that are known stay two."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.import_twin")
    cursor.execute(
        "CREATE TEMP TABLE import_twin ON COMMIT DROP AS WITH long AS ("  # noqa: S608
        f"SELECT client AS key FROM import_client WHERE {_LONG.format('client')} UNION "
        "SELECT ref_key FROM clients_client WHERE ref_key LIKE '+%%' AND EXISTS "
        "(SELECT FROM import_client WHERE client_id IS NULL AND client ~ '^[0-9]{7,15}$') UNION "
        f"SELECT key FROM client_phone WHERE {_LONG.format('key')}"
        "), plain AS (SELECT key, regexp_replace(key, '^([+]|00)', '') AS digits FROM long), short AS ("
        "SELECT key, substr(digits, n + 1) AS short FROM plain, generate_series(1, 3) AS n "
        "WHERE left(digits, n) = ANY(%s)), alike AS ("
        f"SELECT short, key FROM short WHERE {_WITHOUT_CODE} UNION SELECT short, short FROM short WHERE {_WITHOUT_CODE}"
        "), writing AS (SELECT a.short, a.key, i.lines, coalesce(i.client_id, c.merged_into_id, c.id, p.id) AS known "
        "FROM alike a "
        "LEFT JOIN import_client i ON i.client = a.key "
        'LEFT JOIN clients_client c ON i.client IS NULL AND c.ref_key = a.key COLLATE "default" '
        "AND c.ref_store_id IS NULL LEFT JOIN (SELECT key, min(id) AS id FROM client_phone GROUP BY 1 "
        "HAVING count(DISTINCT id) = 1) AS p ON p.key = a.key "
        "WHERE i.client IS NOT NULL OR c.id IS NOT NULL OR p.id IS NOT NULL), told AS ("
        "SELECT key AS client, lines, count(*) OVER same AS of, min(known) OVER same = max(known) OVER same AS is_one, "
        "first_value(key) OVER (PARTITION BY short ORDER BY known IS NULL, lines DESC NULLS LAST, key) AS kept "
        "FROM writing WINDOW same AS (PARTITION BY short)) "
        "SELECT client, kept, lines FROM told WHERE of > 1 AND is_one IS NOT false AND lines IS NOT NULL",
        [list(map(str, COUNTRY_CODE_TO_REGION_CODE))],
    )
    return _found(cursor)


def _found(cursor: CursorWrapper) -> _Twins:
    cursor.execute("SELECT client, kept, lines FROM import_twin WHERE client <> kept ORDER BY lines DESC, client")
    rows = cursor.fetchall()
    examples = tuple(f"{client} → {kept}" for client, kept, _lines in rows[:EXAMPLES])
    return _Twins(len(rows), sum(lines for _client, _kept, lines in rows), examples)


def _question(kind: str, found: _Twins) -> Question:
    if kind == ZEROS:
        text = ngettext(
            "%d client number of the file is there with and without leading zeros. Is it the same client?",
            "%d client numbers of the file are there with and without leading zeros. Are they the same clients?",
            found.clients,
        )
        taken, reason = None, ""
    elif kind == CODES:
        text = ngettext(
            "%d phone is there with and without the code of a country. Is it the same client?",
            "%d phones are there with and without the code of a country. Are they the same clients?",
            found.clients,
        )
        taken, reason = SAME, _("The digits are the same otherwise.")
    else:
        text = ngettext(
            "%d name of the file is there with and without a space or comma. Is it the same client?",
            "%d names of the file are there with and without a space or comma. Are they the same clients?",
            found.clients,
        )
        taken, reason = SAME, _("The names are the same otherwise.")
    return Question(
        f"clients:{kind}-within",
        text % found.clients,
        (Choice(SAME, _("The same clients")), Choice(OTHER, _("Other clients"))),
        taken,
        reason=reason,
        proposed=SAME,
        rows=found.lines,
        examples=found.examples,
        effect=_("People who are taken as one come back more often, and one who is taken as two less often."),
    )
