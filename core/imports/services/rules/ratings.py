"""How a column writes its ratings: words such as 非常满意, and numbers up to five or up to ten."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from core.imports.services.questions import Choice, Question, Questions
from core.imports.services.values.sides import RatingRules, rating_of

EXAMPLES = 3
STARS, EMPTY = "stars", "empty"
UP_TO_TEN, UP_TO_FIVE = "10", "5"


def rating_rules(questions: Questions, name: str, heading: str) -> RatingRules:
    scale = f"scale:{name}"
    # The ratings above five.
    high: list[str] = []

    def words_count(words: Sequence[str]) -> bool:
        told = ", ".join(f"{word} = {rating_of(word)}" for word in words)
        question = Question(
            f"words:{name}",
            _("How are the words of “%s” read?") % heading,
            (Choice(STARS, told), Choice(EMPTY, _("as no rating: these cells are left empty"))),
            STARS,
            reason=_("These words are usual."),
            examples=tuple(words[:EXAMPLES]),
        )
        return questions.ask(question) == STARS

    def out_of_ten(text: str | None) -> bool:
        if text is None:
            return questions.answers.get(scale) == UP_TO_TEN
        high.append(text)
        question = Question(
            scale,
            _("How far do the ratings of “%s” go?") % heading,
            (
                Choice(UP_TO_TEN, _("up to 10: each is halved")),
                Choice(UP_TO_FIVE, _("up to 5: higher ones are left empty")),
            ),
            examples=tuple(high[:EXAMPLES]),
        )
        return questions.ask(question) == UP_TO_TEN

    return RatingRules(words_count, out_of_ten)
