"""What a request asks for, read once for all of the report's views."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.reporting.completeness import Completeness, completeness
from core.reporting.forms import QuestionForm
from core.reporting.periods import trailing_year
from core.reporting.report import Question
from core.shared.errors import AppError


@dataclass(frozen=True)
class Asked:
    form: QuestionForm
    # None where the form has errors.
    question: Question | None
    so_far: Completeness

    @property
    def as_of(self) -> date | None:
        """The last day of the data; None where there is none yet."""
        return self.so_far.as_of

    @property
    def begins(self) -> date | None:
        return self.so_far.begins


def read(request: HttpRequest) -> Asked:
    form = QuestionForm(request.GET)
    so_far = completeness()
    if so_far.as_of is None or not form.is_valid():
        return Asked(form, None, so_far)
    return Asked(form, form.question(trailing_year(so_far.as_of)), so_far)


def question_of(request: HttpRequest) -> tuple[Question, Asked]:
    """For fragments and exports, which have no form to show an error in."""
    asked = read(request)
    if asked.question is None:
        for field, errors in asked.form.errors.items():
            raise AppError("bad_question", errors[0], field=field)
        raise AppError("no_data", _("There are no visits yet. Import them first."), status=404)
    return asked.question, asked
