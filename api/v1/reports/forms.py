"""The parameters of a report: those of the command `revisit report`."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.reporting.compare.kinds import SPLITS
from core.reporting.forms import MAXIMUM_LENGTH, ChoiceField, QuestionForm
from core.reporting.metrics.base import Metric
from core.reporting.periods import Period
from core.reporting.question import Question
from core.reporting.why import Pair


class ReportForm(QuestionForm):
    """As pages read them, but for the period: programs say it, as first day and day after the last."""

    def __init__(self, data: QueryDict, metric: Metric) -> None:
        super().__init__(data, metric, by="none", compare="none")
        del self.fields["through"]
        # Of a metric without horizons it is refused by the question's own rule, as on the command line.
        self.fields.setdefault("within", forms.IntegerField(required=False))
        self.fields["one"] = forms.CharField(required=False, max_length=MAXIMUM_LENGTH)
        self.fields["other"] = forms.CharField(required=False, max_length=MAXIMUM_LENGTH)
        self.fields["split"] = ChoiceField(gettext_lazy("Split by"), SPLITS)
        self.fields["full"] = ChoiceField(gettext_lazy("Everything"), ("true", "false"))

    def clean(self) -> dict[str, Any]:
        for name in ("from", "to"):
            if name in self.cleaned_data and self.cleaned_data[name] is None:
                message = _("Write a date as year-month-day, such as 2025-03-31.")
                self.add_error(name, ValidationError(message, code="required"))
        return super().clean()

    @property
    def is_full(self) -> bool:
        """Whether tests, funnel, ranking and the parts of the gap are asked for, too."""
        return bool(self.cleaned_data["full"] == "true")

    @property
    def pair(self) -> Pair | None:
        """Of groups whose difference is asked about."""
        one, other, split = (self.cleaned_data[name] for name in ("one", "other", "split"))
        return Pair(one=one, other=other, split=split or "usual") if one or other or split else None

    def to_question(self) -> Question:
        """Of a valid form."""
        return self.question(Period(self.cleaned_data["from"], self.cleaned_data["to"]))
