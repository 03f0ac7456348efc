"""Where the table of a file is, as the page shows it and the user corrects it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports.runs.preview import Preview, layout_of
from core.imports.services.encoding_question import LABELS
from core.imports.services.files.groups import GROUPS
from core.imports.services.files.layout import ABOVE, BELOW, DATA, HEADINGS, ShownRow
from core.imports.services.files.sieve import FOOTER, REPEATED, TOTAL
from core.imports.services.files.texts import WHITESPACE

NO_HEADINGS = "0"
DELIMITERS = [
    ("", gettext_lazy("recognised by itself")),
    (",", gettext_lazy("comma")),
    (";", gettext_lazy("semicolon")),
    ("\t", gettext_lazy("tab")),
    ("|", gettext_lazy("vertical bar")),
    (WHITESPACE, gettext_lazy("spaces")),
]
_ROLES: dict[str, Promise] = {
    ABOVE: gettext_lazy("left out"),
    BELOW: gettext_lazy("left out"),
    HEADINGS: gettext_lazy("headings"),
    REPEATED: gettext_lazy("left out: headings again"),
    TOTAL: gettext_lazy("left out: totals"),
    FOOTER: gettext_lazy("left out: remark"),
    GROUPS: gettext_lazy("holds for the rows below"),
}


@dataclass(frozen=True)
class RowOfPage:
    row: ShownRow
    # Empty for a record.
    role: str | Promise
    is_record: bool
    is_heading: bool


class LayoutForm(forms.Form):
    heading_row = forms.CharField(required=False, label=gettext_lazy("Row of the headings"))
    last_row = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1 << 31,
        label=gettext_lazy("Last row to read"),
        help_text=gettext_lazy("Empty: to the end. Rows of totals are left out anyway."),
    )
    sheet = forms.ChoiceField(required=False, label=gettext_lazy("Sheet"))
    delimiter = forms.ChoiceField(required=False, label=gettext_lazy("Columns are parted by"), choices=DELIMITERS)

    encoding = forms.ChoiceField(required=False, label=gettext_lazy("The text is written in"))

    preview: Preview
    draft: Mapping[str, Any]

    def prepare_layout(self) -> None:
        """Once `preview` and `draft` are set."""
        preview, draft = self.preview, self.draft
        self.initial["heading_row"] = NO_HEADINGS if not draft.get("header", True) else str(self._found_heading or "")
        self.initial["last_row"] = draft.get("last_row")
        self.initial["delimiter"] = draft.get("delimiter") or ""
        if len(preview.sheets) > 1:
            sheet = cast("forms.ChoiceField", self.fields["sheet"])
            sheet.choices = [(name, name) for name in preview.sheets]
            self.initial["sheet"] = preview.sheets[0]
        else:
            del self.fields["sheet"]
        if preview.is_workbook:
            del self.fields["delimiter"]
        self._offer_encodings()

    def _offer_encodings(self) -> None:
        preview = self.preview
        if not preview.encoding:
            del self.fields["encoding"]
            return
        field = cast("forms.ChoiceField", self.fields["encoding"])
        found = LABELS.get(preview.encoding.removesuffix("-sig"), preview.encoding)
        unsaid = _("please choose") if preview.readings else _("recognised by itself: %s") % found
        read = {encoding for encoding, _label in preview.readings}
        others = [(encoding, label) for encoding, label in LABELS.items() if encoding not in read]
        field.choices = [("", unsaid), *preview.readings, *others]
        self.initial["encoding"] = self.draft.get("encoding") or ""

    def clean_encoding(self) -> str:
        said = str(self.cleaned_data["encoding"] or "")
        if not said and self.preview.readings:
            raise forms.ValidationError(_("The text can be read in several ways. Choose the one that reads well."))
        return said

    @property
    def first_rows(self) -> list[RowOfPage]:
        chosen = str(self["heading_row"].value() or "")
        return [
            RowOfPage(row, _ROLES.get(row.role, ""), row.role == DATA, str(row.line) == chosen)
            for row in self.preview.rows
        ]

    @property
    def has_no_headings(self) -> bool:
        return str(self["heading_row"].value()) == NO_HEADINGS

    @property
    def has_other_layout(self) -> bool:
        """Whether the file is to be read so that these are not its columns; the new ones are to be shown first."""
        return layout_of(self.layout) != layout_of(self.draft)

    @property
    def layout(self) -> dict[str, Any]:
        """How the table is laid out, as it was said; what was only found stays unsaid."""
        values = self.cleaned_data
        before = layout_of(self.draft)
        sheet = values.get("sheet") or None
        if sheet is None or (before["sheet"] is None and sheet == self.preview.sheets[0]):
            sheet = before["sheet"]
        header, heading_row = before["header"], before["heading_row"]
        said = values.get("heading_row") or ""
        if sheet != before["sheet"]:
            header, heading_row = True, None
        elif said == NO_HEADINGS:
            header, heading_row = False, None
        elif said.isdecimal() and (not header or int(said) != self._found_heading):
            header, heading_row = True, int(said)
        return {
            "header": header,
            "heading_row": heading_row,
            "last_row": values.get("last_row"),
            "sheet": sheet,
            "delimiter": values.get("delimiter") or None,
            "encoding": values.get("encoding") or None,
        }

    def clean_heading_row(self) -> str:
        said = str(self.cleaned_data["heading_row"] or "")
        if said and not (said.isdecimal() and len(said) < 10):
            raise forms.ValidationError(_("Choose the row of the headings."))
        return said

    @property
    def _found_heading(self) -> int | None:
        return max((row.line for row in self.preview.rows if row.role == HEADINGS), default=None)
