"""The filter form of the audit trail."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.audit.actions import actions, kinds
from core.audit.selectors import EntryFilter

ANY = ("", _("any"))


class DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, input_formats=["%Y-%m-%d"], **options)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not 1970 <= day.year < 9999:
            raise ValidationError(_("Give a day from 1970 on."), code="absurd_day")
        return day


class TrailForm(forms.Form):
    actor = forms.CharField(
        required=False,
        max_length=254,
        label=_("Person (e-mail)"),
        widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"}),
    )
    action = forms.ChoiceField(required=False, label=_("What"), choices=lambda: [ANY, *actions().items()])
    subject_type = forms.ChoiceField(required=False, label=_("Object"), choices=lambda: [ANY, *kinds().items()])
    # Of one object, chosen from its row.
    subject_id = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    start = DayField(label=_("From"))
    end = DayField(label=_("To"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end < start:
            self.add_error("end", _("It ends before it begins."))
        return cleaned

    def entry_filter(self) -> EntryFilter:
        return EntryFilter(**self.cleaned_data)
