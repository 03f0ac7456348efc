"""Clients of one file who may be the same person: numbers that differ by leading zeros, names by a space or a comma."""

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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


@dataclass(frozen=True)
class _Twins:
    clients: int
    lines: int
    examples: tuple[str, ...]


def settle_twins(cursor: CursorWrapper, questions: Questions) -> bool:
    """Asks, and makes those one who are the same. Whether there are any."""
    changed = False
    for kind in _KINDS:
        found = _find(cursor, kind)
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
    cursor.execute("SELECT client, kept, lines FROM import_twin WHERE client <> kept ORDER BY lines DESC, client")
    rows = cursor.fetchall()
    examples = tuple(f"{client} → {kept}" for client, kept, _lines in rows[:EXAMPLES])
    return _Twins(len(rows), sum(lines for _client, _kept, lines in rows), examples)


def _question(kind: str, found: _Twins) -> Question:
    if kind == "zeros":
        text = ngettext(
            "%d client number of the file is there with and without leading zeros. Is it the same client?",
            "%d client numbers of the file are there with and without leading zeros. Are they the same clients?",
            found.clients,
        )
        taken, reason = None, ""
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
