"""What becomes of numbers whose digits a spreadsheet program has cut, where they name a client or a receipt."""

from django.utils.translation import gettext as _

from core.imports.services.questions import Choice, Question, Questions

EXAMPLES = 3
EMPTY, ERRORS = "empty", "errors"


class LostDigits:
    """Called for each such cell of a column; tells whether it is left empty."""

    def __init__(self, questions: Questions, name: str, heading: str) -> None:
        self._questions, self._name, self._heading = questions, name, heading
        self._rows = 0
        self._examples: list[str] = []

    def __call__(self, text: str) -> bool:
        self._rows += 1
        if len(self._examples) < EXAMPLES and text not in self._examples:
            self._examples.append(text)
        message = _(
            "“%(heading)s” holds numbers whose digits a spreadsheet program has cut, such as %(example)s: different "
            "clients or receipts have become one. Export the file again with this column as text, or choose what "
            "becomes of these cells."
        )
        question = Question(
            f"digits:{self._name}",
            message % {"heading": self._heading, "example": self._examples[0]},
            (
                Choice(EMPTY, _("They are left empty: the rows count without a client or receipt")),
                Choice(ERRORS, _("Their rows are errors")),
            ),
            rows=self._rows,
            examples=tuple(self._examples),
        )
        return self._questions.ask(question) != ERRORS
