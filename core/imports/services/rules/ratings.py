"""Whether words such as 非常满意 are read as stars."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from core.imports.services.questions import Choice, Question, Questions
from core.imports.services.values.sides import rating_of

STARS, EMPTY = "stars", "empty"


def rating_words(questions: Questions, name: str, heading: str) -> Callable[[Sequence[str]], bool]:
    def count(words: Sequence[str]) -> bool:
        told = ", ".join(f"{word} = {rating_of(word)}" for word in words)
        question = Question(
            f"words:{name}",
            _("How are the words of “%s” read?") % heading,
            (Choice(STARS, told), Choice(EMPTY, _("as no rating: these cells are left empty"))),
            STARS,
            reason=_("These words are usual."),
            examples=tuple(words[:3]),
        )
        return questions.ask(question) == STARS

    return count
