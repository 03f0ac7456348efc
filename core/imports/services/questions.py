"""What a file can be read as in more than one way, how it was read, and what only the user can decide.

One mechanism for all of it: the part that meets such a place asks a question by its key. The answer that was given
with the options decides; else a rule, whose reason is told; else the question stays open, and nothing is loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from core.shared.errors import AppError


@dataclass(frozen=True)
class Choice:
    # Stable, for options and for what is remembered.
    value: str
    label: str


@dataclass(frozen=True)
class Question:
    """`key` is stable: a topic, and behind a colon what it is about, as in `decimal:amount` or `status:Cancelled`."""

    key: str
    text: str
    choices: tuple[Choice, ...]
    # The choice that was taken; None: the user has to say.
    taken: str | None = None
    # The user took it, now or with an earlier file. Else a rule did, for this reason.
    answered: bool = False
    reason: str = ""
    # The choice shown first to the user, who still has to confirm it.
    proposed: str | None = None
    # How many rows of the file it is about, with up to three examples of them.
    rows: int = 0
    examples: tuple[str, ...] = ()
    # What it does to the figures, in a sentence.
    effect: str = ""

    @property
    def is_open(self) -> bool:
        return self.taken is None

    @property
    def taken_label(self) -> str:
        return next((choice.label for choice in self.choices if choice.value == self.taken), "")


@dataclass
class Questions:
    """The questions of one file. Asking the same key again replaces what was asked before, so that a part may ask
    while it reads and once more when it knows how many rows it is about."""

    answers: Mapping[str, str]
    # Else an answer that is no choice is none: what it was an answer to, in an earlier file, is not there any more.
    strict: bool = True
    asked: dict[str, Question] = field(default_factory=dict)

    def ask(self, question: Question) -> str | None:
        """The choice to go on with, None if the user has to say. Raises AppError for an answer that is no choice."""
        answer = self.answers.get(question.key)
        is_choice = answer in {choice.value for choice in question.choices}
        if answer is not None and (is_choice or self.strict):
            if not is_choice:
                message = _("“%(answer)s” is no answer to “%(question)s”. Choose one of: %(choices)s.")
                values = {
                    "answer": answer,
                    "question": question.text,
                    "choices": ", ".join(choice.value for choice in question.choices),
                }
                raise AppError("bad_answer", message % values, field="answer")
            question = replace(question, taken=answer, answered=True)
        self.asked[question.key] = question
        return question.taken

    def taken(self, key: str) -> str | None:
        """What was decided, None where that was not asked or is open."""
        question = self.asked.get(key)
        return question.taken if question else None

    @property
    def open(self) -> list[Question]:
        return [question for question in self.asked.values() if question.is_open]


def question_from_json(document: Mapping[str, Any]) -> Question:
    choices = tuple(Choice(**choice) for choice in document["choices"])
    return Question(**{**document, "choices": choices, "examples": tuple(document["examples"])})
