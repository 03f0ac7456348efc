from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.followup.absence import Segment
from core.followup.models import Contact
from core.followup.worklist import OVERDUE, STATES, Filters, Order, State

SEGMENT_TITLES: Mapping[Segment, Promise] = {
    "high": pgettext_lazy("value segment", "High value"),
    "mid": pgettext_lazy("value segment", "Mid value"),
    "potential": pgettext_lazy("value segment", "Potential"),
}
STATE_TITLES: Mapping[State, Promise] = {
    "open": pgettext_lazy("clients", "To contact"),
    "contacted": pgettext_lazy("clients", "Contacted"),
    "booked": pgettext_lazy("clients", "Booked"),
    "blocked": pgettext_lazy("clients", "Do not contact"),
}
OVERDUE_TITLES = {
    "1-14": _("1–14 days"),
    "15-60": _("15–60 days"),
    "61-180": _("61–180 days"),
    "181-": _("over 180 days"),
}
ORDER_TITLES: Mapping[Order, Promise] = {
    "value": _("High value first"),
    "overdue": _("Least overdue"),
    "-overdue": _("Most overdue"),
    "spent": _("Highest spend"),
    "name": pgettext_lazy("order", "Name"),
}
ALL = ("", pgettext_lazy("filter", "All"))


class FilterForm(forms.Form):
    segment = forms.ChoiceField(required=False, label=_("Segment"), choices=[ALL, *SEGMENT_TITLES.items()])
    staff = forms.TypedChoiceField(required=False, label=_("Usual staff"), coerce=int, empty_value=None)
    overdue = forms.ChoiceField(required=False, label=_("Days overdue"), choices=[ALL, *OVERDUE_TITLES.items()])
    sort = forms.ChoiceField(required=False, label=_("Sort by"), choices=list(ORDER_TITLES.items()))
    state = forms.ChoiceField(
        required=False, choices=[("", ""), *((state, state) for state in STATES)], widget=forms.HiddenInput
    )

    def __init__(self, data: Mapping[str, Any], staff: list[tuple[int, str]]) -> None:
        super().__init__(data)
        field = cast("forms.TypedChoiceField", self.fields["staff"])
        field.choices = [ALL, *staff]

    def filters(self) -> tuple[Filters, State]:
        """What is not understood is left out, and marked."""
        self.is_valid()
        chosen = self.cleaned_data
        filters = Filters(
            segment=chosen.get("segment") or None,
            staff=chosen.get("staff"),
            overdue=OVERDUE.get(chosen.get("overdue", "")),
            order=chosen.get("sort") or "value",
        )
        return filters, chosen.get("state") or "open"


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]
    """Without a day it was today."""

    day = forms.DateField(
        required=False, label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    class Meta:
        model = Contact
        fields = ("kind", "day", "note")
        widgets = {"kind": forms.RadioSelect, "note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.initial.setdefault("day", today)
        kind = cast("forms.ChoiceField", self.fields["kind"])
        kind.choices = Contact.Kind.choices
        self.fields["day"].widget.attrs["max"] = today.isoformat()

    def clean_day(self) -> Any:
        return self.cleaned_data["day"] or self.today
