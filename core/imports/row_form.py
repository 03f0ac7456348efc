"""What holds for all rows of a file, and which of them are left out, as the user says it on the page."""

import re
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports.models import Kind
from core.imports.runs.preview import LONGEST_SAMPLE, Preview
from core.imports.services.headings import column_keys
from core.imports.services.values.memo import shortened

_COMMA = re.compile(r"\s{0,9}[,，、;；\n]\s{0,9}")


class RowForm(forms.Form):
    all_by_card = forms.BooleanField(
        required=False,
        label=gettext_lazy("All rows were paid from a card"),
        help_text=gettext_lazy("Course cards or stored value that was bought before: visits, but no new purchases."),
    )
    leave_out_column = forms.ChoiceField(required=False, label=gettext_lazy("Leave rows out where this column …"))
    leave_out_words = forms.CharField(
        required=False,
        max_length=500,
        label=gettext_lazy("… says one of these"),
        help_text=gettext_lazy("Several words with a comma between them, as “Test, Training”."),
    )

    kind: str
    preview: Preview
    draft: Mapping[str, Any]

    def prepare_rows(self) -> None:
        """Once `kind`, `preview` and `draft` are set."""
        keys = column_keys(self.preview.headings)
        column = cast("forms.ChoiceField", self.fields["leave_out_column"])
        column.choices = [("", _("none")), *((key, shortened(key, LONGEST_SAMPLE)) for key in keys)]
        for key, words in (self.draft.get("leave_out") or {}).items():
            self.initial.update(leave_out_column=key, leave_out_words=", ".join(words))
        self.initial["all_by_card"] = "paid_by_card" in (self.draft.get("constants") or {})
        if self.kind != Kind.VISITS:
            del self.fields["all_by_card"]

    @property
    def rows_of_draft(self) -> dict[str, Any]:
        values = self.cleaned_data
        constants = {key: value for key, value in (self.draft.get("constants") or {}).items() if key != "paid_by_card"}
        if values.get("all_by_card"):
            constants["paid_by_card"] = "yes"
        words = [word for word in _COMMA.split(str(values.get("leave_out_words") or "").strip()) if word]
        column = values.get("leave_out_column")
        return {"constants": constants, "leave_out": {column: words} if column and words else {}}

    def check_rows(self) -> None:
        if self.cleaned_data.get("leave_out_words") and not self.cleaned_data.get("leave_out_column"):
            self.add_error("leave_out_column", _("Say which column it is."))
