"""What a file names and the chain does not know: each is asked about once, with what it may mean."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _

from core.imports.services.options import ImportOptions
from core.imports.services.questions import Choice, Question, Questions
from core.imports.services.values.codes import CREATE, ERROR, NAMED_NEAR_MISSES, folded_name
from core.imports.services.values.memo import shortened

LEAVE_OUT, OTHERS = "leave_out", "others"
# The fields whose cells name records, by the topic of the question about one that is not known.
TOPICS = {
    "store": ("store_code",),
    "staff": ("staff_code",),
    "service": ("service_code", "item"),
    "tier": ("member_tier",),
    "category": ("category",),
}
# More unknown values than these are asked about as one; more records than these are offered near misses alone.
MOST_ASKED = 50
MOST_OFFERED = 40
# How like a known name an unknown one has to be, to be offered for it, and to be taken for a slip.
OFFERED_FROM, SLIP_FROM = 0.5, 0.75


@dataclass(frozen=True)
class Known:
    """A record that an unknown value may mean."""

    code: str
    name: str

    @property
    def label(self) -> str:
        return self.code if self.name in {"", self.code} else f"{self.code} · {self.name}"


class Unknowns:
    """The questions about unknown values of one topic; `creating` are the choices that make a record."""

    def __init__(
        self,
        topic: str,
        text: str,
        options: ImportOptions,
        questions: Questions,
        known: Sequence[Known],
        creating: Sequence[Choice],
        create: Callable[[str, str], str] | None = None,
        fallback: str | None = None,
        *,
        asks_about_slips_alone: bool = False,
    ) -> None:
        """`create` makes the record for a choice behind CREATE, as `create:上海`, and returns its code. `fallback` is
        what the one unknown value of a file means that names nothing known. With `asks_about_slips_alone` a value that
        is like none of the known is new."""
        self._fallback, self._asks_about_slips_alone = fallback, asks_about_slips_alone
        self._topic, self._text, self._options, self._questions = topic, text, options, questions
        self._known, self._creating, self._create = known, tuple(creating), create
        self._names = {folded_name(name): one for one in known for name in (one.name, one.code) if name}
        self._asked: dict[str, tuple[Choice, ...]] = {}
        self._others = 0
        for key, answer in options.answers.items():
            # Its rows are not read, but it is still to be seen, and changed.
            if answer == LEAVE_OUT and key.startswith(f"{topic}:") and key != f"{topic}:{OTHERS}":
                self.decide(key.partition(":")[2])

    def decide(self, text: str) -> str | None:
        answered = f"{self._topic}:{text}" in self._options.answers
        if not answered and self._options.create_missing and self._makes_by_itself:
            return CREATE
        if not answered and self._asks_about_slips_alone and not self._near(text, SLIP_FROM):
            return CREATE
        if not answered and self._options.skip_bad_rows:
            return CREATE if self._asks_about_slips_alone else ERROR
        if not answered and len(self._asked) >= MOST_ASKED:
            self._others += 1
            choice = self._ask_others(0)
        else:
            self._asked.setdefault(text, self._choices(text))
            choice = self._ask(text, 0)
        if choice is not None and choice.startswith(f"{CREATE}:") and self._create is not None:
            return self._create(text, choice.partition(":")[2])
        return choice

    @property
    def _makes_by_itself(self) -> bool:
        return any(choice.value == CREATE for choice in self._creating)

    def conclude(self, rows: Mapping[str, int], *, some_known: bool) -> None:
        """Asks once more, now that the rows are counted, and all values of the file are known."""
        if some_known:
            self._fallback = None
        for text in self._asked:
            self._ask(text, rows.get(text, 0))
        if self._others:
            self._ask_others(sum(rows.values()) - sum(rows.get(text, 0) for text in self._asked))

    def _ask(self, text: str, rows: int) -> str | None:
        taken = self._fallback if len(self._asked) == 1 else None
        return self._questions.ask(
            Question(
                f"{self._topic}:{text}",
                self._text % shortened(text),
                self._asked[text],
                taken=taken,
                reason=_("It was named as the store of this file.") if taken else "",
                rows=rows,
            )
        )

    def _ask_others(self, rows: int) -> str | None:
        simple = tuple(choice for choice in self._creating if choice.value == CREATE)
        choices = (*simple, Choice(LEAVE_OUT, _("leave these rows out")))
        text = self._text % _("and others")
        return self._questions.ask(Question(f"{self._topic}:{OTHERS}", text, choices, rows=rows))

    def _choices(self, text: str) -> tuple[Choice, ...]:
        near = self._near(text, OFFERED_FROM) if len(self._asked) < NAMED_NEAR_MISSES else []
        others = [one for one in self._known if one not in near] if len(self._known) <= MOST_OFFERED else []
        means = _("it is %s")
        return (
            *(Choice(one.code, means % one.label) for one in [*near, *others]),
            *self._creating,
            Choice(LEAVE_OUT, _("leave these rows out")),
        )

    def _near(self, text: str, likeness: float) -> list[Known]:
        folds = get_close_matches(folded_name(text), self._names, n=5, cutoff=likeness)
        return list(dict.fromkeys(self._names[fold] for fold in folds))
