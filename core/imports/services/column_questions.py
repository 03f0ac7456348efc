"""What is asked about the columns of a file: which of two is meant, what was guessed, and what no column says."""

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from core.imports.services.column_matching import Conflict, Guess, Proposal
from core.imports.services.files.groups import UNNAMED
from core.imports.services.headings import column_keys
from core.imports.services.options import IGNORE
from core.imports.services.questions import Choice, Question, Questions
from core.imports.services.values.memo import shortened
from core.shared.file_fields import fields_of

CLIENT_FIELDS = {"client_ref", "client_phone", "client_name"}
NO_AMOUNT, ZERO, LIST_PRICE = "amount:none", "zero", "list_price"
BLANK, ABOVE, ERRORS = "blank:rows", "above", "errors"
EXAMPLES = 3
NO_CLIENT, ANONYMOUS = "client:none", "anonymous"
_LAST = re.compile(r"最后|最近|上次|最終|前回|\b(?:last|latest|letzte[rs]?|derni[eè]re?|[uú]ltim[ao])\b", re.IGNORECASE)
# What such lines may name.
_OF_GROUPS = ("client_name", "client_ref", "client_phone", "store_code", "staff_code", "item", "category")
# More columns than these are not offered; the columns themselves can be mapped.
MOST_OFFERED = 30


def ask_about_columns(
    kind: str,
    headings: Sequence[str],
    matched: list[str | None],
    constants: Mapping[str, str],
    questions: Questions,
    proposal: Proposal | None = None,
) -> None:
    """Changes `matched` to what the answers say."""
    keys = column_keys(headings)
    labels = {item.name: str(item.label) for item in fields_of(kind)}
    for conflict in proposal.conflicts if proposal else ():
        _ask_which(conflict, keys, matched, labels, questions)
    for guess in proposal.guesses if proposal else ():
        if headings[guess.column] not in UNNAMED:
            _ask_guess(guess, keys, matched, labels, questions)
    for index, heading in enumerate(headings):
        if heading in UNNAMED and proposal and index not in proposal.said:
            _ask_about_group(index, keys, matched, labels, questions)
    present = {*filter(None, matched), *constants}
    if kind in {"visits", "appointments"} and not present & CLIENT_FIELDS:
        _ask_for_client(keys, matched, questions)
    if kind == "visits" and not present & {"amount", "unit_price"}:
        _ask_for_amount(keys, matched, questions)


def _ask_which(
    conflict: Conflict, keys: Sequence[str], matched: list[str | None], labels: Mapping[str, str], questions: Questions
) -> None:
    best = conflict.columns[0]
    taken = questions.ask(
        Question(
            f"columns:{conflict.field}",
            _("Which column is “%(field)s”?") % {"field": labels[conflict.field]},
            tuple(Choice(keys[index], shortened(keys[index])) for index in conflict.columns),
            taken=None if conflict.reason is None else keys[best],
            reason=conflict.reason or "",
        )
    )
    if taken is not None and taken != keys[best]:
        matched[best], matched[keys.index(taken)] = matched[keys.index(taken)], conflict.field


def _ask_guess(
    guess: Guess, keys: Sequence[str], matched: list[str | None], labels: Mapping[str, str], questions: Questions
) -> None:
    # When somebody was there last is no visit beside an amount of years; whether a card's column is a payment decides
    # what is revenue.
    is_last = guess.field == "started_at" and _LAST.search(keys[guess.column]) is not None
    is_open = is_last or guess.field == "paid_by_card"
    taken = questions.ask(
        Question(
            f"column:{keys[guess.column]}",
            _("What does the column “%s” mean?") % shortened(keys[guess.column]),
            (Choice(guess.field, labels[guess.field]), Choice(IGNORE, _("leave out"))),
            taken=None if is_open else guess.field,
            reason="" if is_open else guess.reason,
            proposed=guess.field if is_open else None,
        )
    )
    if taken == IGNORE:
        matched[guess.column] = None


def _ask_about_group(
    index: int, keys: Sequence[str], matched: list[str | None], labels: Mapping[str, str], questions: Questions
) -> None:
    """Of lines that stand above rows, and do not say what they name."""
    others = {name for at, name in enumerate(matched) if at != index}
    offered = [name for name in _OF_GROUPS if name in labels and name not in others]
    guessed = matched[index] or (None if CLIENT_FIELDS & others else "client_name")
    taken = questions.ask(
        Question(
            f"column:{keys[index]}",
            _("Lines stand above rows and hold for all of them. What do they name?"),
            (*(Choice(name, labels[name]) for name in offered), Choice(IGNORE, _("nothing: leave them out"))),
            proposed=guessed if guessed in offered else None,
        )
    )
    matched[index] = None if taken == IGNORE else taken or (guessed if guessed in offered else None)


def rows_that_go_on(examples: Sequence[str], heading: str) -> Question:
    return Question(
        BLANK,
        _("Rows leave “%s” and what else says which visit they are of blank. Do they go on from the row above?")
        % shortened(heading),
        (
            Choice(ABOVE, _("yes: what is blank there is as in the row above")),
            Choice(ERRORS, _("no: such rows are errors")),
        ),
        proposed=ABOVE,
        examples=tuple(examples[:EXAMPLES]),
    )


def _unused(keys: Sequence[str], matched: Sequence[str | None]) -> tuple[Choice, ...]:
    unused = [key for key, name in zip(keys, matched, strict=True) if name is None]
    return tuple(Choice(key, _("the column “%s”") % shortened(key)) for key in unused[:MOST_OFFERED])


def _ask_for_client(keys: Sequence[str], matched: list[str | None], questions: Questions) -> None:
    anonymous = Choice(ANONYMOUS, _("none: bring everything in without clients"))
    taken = questions.ask(
        Question(
            NO_CLIENT,
            _("Which column names the client?"),
            (*_unused(keys, matched), anonymous),
            effect=_("No column names the client: no repurchase can be counted."),
        )
    )
    if taken in keys:
        matched[keys.index(taken)] = "client_ref"


def _ask_for_amount(keys: Sequence[str], matched: list[str | None], questions: Questions) -> None:
    choices = (
        *_unused(keys, matched),
        Choice(ZERO, _("none: every amount is 0")),
        Choice(LIST_PRICE, _("none: take the price of the service from the catalogue, 0 where it has none")),
    )
    taken = questions.ask(
        Question(
            NO_AMOUNT,
            _("Which column says what was paid?"),
            choices,
            effect=_("Repurchase by visits needs no amounts; revenue and repurchase by purchases do."),
        )
    )
    if taken in keys:
        matched[keys.index(taken)] = "amount"
