"""Clients of one file who may be the same person: numbers that differ by leading zeros, names by a space or a comma,
phones by the code of a country, also where the register has the other writing."""

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from core.imports.services.questions import Choice, Question, Questions

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


def settle_twins(cursor: CursorWrapper, questions: Questions) -> bool:
    """Asks, and makes those one who are the same. Whether there are any."""
    changed = False
    for kind in (ZEROS, NAMES, CODES):
        found = _find_codes(cursor) if kind == CODES else _find(cursor, kind)
        if found.clients and questions.ask(_question(kind, found)) == SAME:
            cursor.execute(
                "UPDATE import_line l SET client = t.kept FROM import_twin t "
                "WHERE l.client = t.client AND t.client <> t.kept"
            )
            changed = True
    return changed


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
        "(SELECT FROM import_client WHERE client_id IS NULL AND client ~ '^[0-9]{7,15}$')"
        "), plain AS (SELECT key, regexp_replace(key, '^([+]|00)', '') AS digits FROM long), short AS ("
        "SELECT key, substr(digits, n + 1) AS short FROM plain, generate_series(1, 3) AS n "
        "WHERE left(digits, n) = ANY(%s)), alike AS ("
        f"SELECT short, key FROM short WHERE {_WITHOUT_CODE} UNION SELECT short, short FROM short WHERE {_WITHOUT_CODE}"
        "), writing AS (SELECT a.short, a.key, i.lines, coalesce(i.client_id, c.id) AS known FROM alike a "
        "LEFT JOIN import_client i ON i.client = a.key "
        'LEFT JOIN clients_client c ON i.client IS NULL AND c.ref_key = a.key COLLATE "default" '
        "AND c.ref_store_id IS NULL WHERE i.client IS NOT NULL OR c.id IS NOT NULL), told AS ("
        "SELECT key AS client, lines, known, count(*) OVER same AS of, count(known) OVER same AS of_known, "
        "first_value(key) OVER (PARTITION BY short ORDER BY known IS NULL, lines DESC NULLS LAST, key) AS kept "
        "FROM writing WINDOW same AS (PARTITION BY short)) "
        "SELECT client, kept, lines FROM told WHERE of > 1 AND of_known < 2 AND lines IS NOT NULL",
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
