"""Records whose code is another one now: they are renamed, not doubled."""

from collections import Counter
from dataclasses import replace

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.imports.services.context import ImportContext
from core.imports.services.questions import Choice, Question
from core.imports.services.values.codes import folded_name
from core.shared.merged import Mergeable, kept_ids

SAME, OTHER = "same", "other"
KEY = "codes:changed"
EXAMPLES = 3


def find_renamed(context: ImportContext, model: type[Model], key: str) -> dict[int, str]:
    """By the id of a known record, the code that the file has for it: a row names a code that is not known, and one
    known record alone has the row's name and is not in the file by its own code. Asks where that leaves a doubt."""
    if not context.has("name"):
        return {}
    cursor = context.cursor
    cursor.execute(f"SELECT {key}, name FROM import_record WHERE NOT bad AND {key} IS NOT NULL ORDER BY line")  # noqa: S608
    rows = cursor.fetchall()
    cursor.execute(f"SELECT id, code, name FROM {model._meta.db_table}")  # noqa: S608
    known = cursor.fetchall()
    merged = kept_ids(model) if issubclass(model, Mergeable) else {}
    codes, in_file = {code for _pk, code, _name in known}, {code for code, _name in rows}
    known = [one for one in known if one[0] not in merged]
    times = Counter(folded_name(name) for _pk, _code, name in known if name)
    rows_of = Counter(folded_name(name) for _code, name in rows if name)
    missing = {
        folded_name(name): (pk, code)
        for pk, code, name in known
        if code not in in_file and name and times[folded_name(name)] == rows_of[folded_name(name)] == 1
    }
    renamed = {}
    examples = []
    only_stubs = True
    for code, name in rows:
        if code in codes or not name or folded_name(name) not in missing:
            continue
        pk, former = missing[folded_name(name)]
        renamed[pk] = code
        examples.append(f"{name}: {former} → {code}")
        # What a file of visits named without a code has its name as one.
        only_stubs &= folded_name(former) == folded_name(name)
    if not renamed:
        return {}
    taken = context.questions.ask(_question(len(renamed), tuple(examples[:EXAMPLES]), only_stubs=only_stubs))
    return renamed if taken == SAME else {}


def _question(count: int, examples: tuple[str, ...], *, only_stubs: bool) -> Question:
    text = ngettext(
        "%d row has the name of a known record and another code. Did its code change?",
        "%d rows have the names of known records and other codes. Did their codes change?",
        count,
    )
    question = Question(
        KEY,
        text % count,
        (
            Choice(SAME, _("The codes changed: the known records get the new ones and keep all they have")),
            Choice(OTHER, _("They are others that have the same name: add them")),
        ),
        proposed=SAME,
        rows=count,
        examples=examples,
        effect=_("What is added a second time starts without visits."),
    )
    if only_stubs:
        reason = _("They were made from visits that gave their names alone.")
        return replace(question, taken=SAME, reason=reason)
    return question
