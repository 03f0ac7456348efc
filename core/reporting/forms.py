"""The question in the address, read with care: whatever is wrong is said at its field with the mend."""

from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.reporting.dimensions import DIMENSIONS
from core.reporting.metrics.base import Metric
from core.reporting.periods import Period
from core.reporting.question import BASES, COMPARISONS, FILTERS, SCOPES, Breakdown, Compare, Question
from core.reporting.spend_thresholds import MAXIMUM

EARLIEST, LATEST = date(1950, 1, 1), date(2199, 12, 31)
MAXIMUM_LENGTH = 200


class DayField(forms.CharField):
    """A date as year-month-day, as browsers send it."""

    def __init__(self, label: Any) -> None:
        super().__init__(required=False, label=label, widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self, value: Any) -> date | None:
        text = (value or "").strip()
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            message = _("“%(text)s” is not a date. Write year-month-day, such as 2025-03-31.")
            raise ValidationError(message % {"text": text[:40]}, code="date") from error
        if not EARLIEST <= day <= LATEST:
            message = _("%(day)s is out of range. Choose a date from %(first)s to %(last)s.")
            bounds = {"day": text[:40], "first": EARLIEST.isoformat(), "last": LATEST.isoformat()}
            raise ValidationError(message % bounds, code="range")
        return day


class ChoiceField(forms.CharField):
    def __init__(self, label: Any, allowed: tuple[str, ...]) -> None:
        super().__init__(required=False, label=label)
        self.allowed = allowed

    def clean(self, value: Any) -> str:
        text = (value or "").strip()
        if text and text not in self.allowed:
            message = _("“%(text)s” is not known here. Choose one of: %(allowed)s.")
            raise ValidationError(message % {"text": text[:40], "allowed": ", ".join(self.allowed)}, code="choice")
        return text


class QuestionForm(forms.Form):
    """`from` and `to` (left out) as links carry them; `through` (the last day) as people choose it."""

    def __init__(
        self, data: QueryDict, metric: Metric, *, by: Breakdown = "city_tier", compare: Compare = "year_before"
    ) -> None:
        super().__init__(data, auto_id="id_%s")
        self.metric, self.default_by, self.default_compare = metric, by, compare
        self.fields["from"] = DayField(gettext_lazy("First day"))
        self.fields["to"] = DayField(gettext_lazy("Until, not included"))
        self.fields["through"] = DayField(gettext_lazy("Last day"))
        self.fields["by"] = ChoiceField(gettext_lazy("By"), metric.breakdowns)
        self.fields["scope"] = ChoiceField(gettext_lazy("Scope"), SCOPES)
        self.fields["basis"] = ChoiceField(gettext_lazy("Count"), BASES)
        self.fields["compare"] = ChoiceField(gettext_lazy("Compared with"), COMPARISONS)
        if metric.horizons:
            horizons = tuple(map(str, sorted(metric.horizons)))
            self.fields["within"] = ChoiceField(gettext_lazy("Number of days"), horizons)
        for name in FILTERS:
            label = str(DIMENSIONS[cast("Breakdown", name)].title)
            self.fields[name] = forms.CharField(label=label, required=False, max_length=MAXIMUM_LENGTH)

    def clean(self) -> dict[str, Any]:
        start, end = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        field = "to"
        if through := self.cleaned_data.get("through"):
            end, field = through + timedelta(days=1), "through"
        if start and end and end <= start:
            message = _("The period ends before it starts. Choose a last day on or after %(start)s.")
            self.add_error(field, ValidationError(message % {"start": start.isoformat()}, code="empty_period"))
        if bool(start) != bool(end) and not self.errors:
            missing = "from" if end else field if self.data.get(field) else "through"
            self.add_error(missing, ValidationError(_("Choose the first and the last day."), code="half_period"))
        self.cleaned_data["to"] = end
        return self.cleaned_data

    @property
    def chose_last_day(self) -> bool:
        return bool(self.cleaned_data.get("through"))

    def question(self, default: Period) -> Question:
        """Of a valid form; the default period where the address names none."""
        cleaned = self.cleaned_data
        within = cleaned.get("within") or next(iter(self.metric.horizons), None)
        return Question(
            metric=self.metric.code,
            start=cleaned["from"] or default.start,
            end=cleaned["to"] or default.end,
            by=cast("Breakdown", cleaned["by"] or self.default_by),
            scope=cleaned["scope"] or "chain",
            basis=cleaned["basis"] or "visit",
            within=int(within) if within else None,
            compare=cast("Compare", cleaned["compare"] or self.default_compare),
            **{name: cleaned[name] or None for name in FILTERS},
        )


class ThresholdsForm(forms.Form):
    high_above = forms.IntegerField(label=gettext_lazy("High value above"), min_value=1, max_value=MAXIMUM)
    mid_from = forms.IntegerField(label=gettext_lazy("Middle value from"), min_value=1, max_value=MAXIMUM)
