"""The file, and how it is to be read."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.clients.models import Client
from core.imports.layout_form import LayoutForm
from core.imports.models import ImportRun, Kind
from core.imports.row_form import RowForm
from core.imports.runs.date_formats import DateFormats, ParsedSample, date_formats
from core.imports.runs.draft_options import DraftOptions, column_fields, date_values, with_column_fields
from core.imports.runs.preview import LONGEST_SAMPLE, Preview
from core.imports.services.columns import needs_store
from core.imports.services.options import IGNORE, check_date_format
from core.imports.services.values.memo import shortened
from core.shared.chain import chain_today
from core.shared.errors import AppError
from core.shared.figures import day
from core.shared.file_fields import fields_of
from core.stores.models import Store
from core.stores.selectors import has_several_stores

AUTOMATIC, OTHER = "auto", "other"
FLAGS = {
    "client_ref_per_store": (Kind.VISITS, Kind.CLIENTS, Kind.BALANCES, Kind.APPOINTMENTS),
    "create_missing": (Kind.VISITS, Kind.CLIENTS, Kind.BALANCES, Kind.APPOINTMENTS),
    "append": (Kind.VISITS,),
    "skip_bad_rows": tuple(Kind),
}


class PlainSelect(forms.Select):
    """A template for each option of hundreds of columns would take seconds."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        del renderer
        options = (
            (choice, mark_safe(" selected") if choice == str(value) else "", label) for choice, label in self.choices
        )
        inner = format_html_join("\n", '<option value="{}"{}>{}</option>', options)
        return format_html(
            "<select{}>{}</select>", flatatt({**self.build_attrs(self.attrs, attrs), "name": name}), inner
        )


class ReadingForm(LayoutForm, RowForm):
    """Made anew for each file: a choice for each column, and the options of its kind."""

    date_format = forms.ChoiceField(
        required=False, label=gettext_lazy("How dates are written"), widget=forms.RadioSelect
    )
    other_format = forms.CharField(
        required=False,
        max_length=50,
        label=gettext_lazy("Another way of writing dates"),
        help_text=gettext_lazy("%d day, %m month, %Y year, %H:%M time: “04.03.2018” is %d.%m.%Y."),
    )
    store = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Store of rows that name none"),
        help_text=gettext_lazy("For a file from the till of one store."),
    )
    client_ref_per_store = forms.BooleanField(
        required=False,
        label=gettext_lazy("Each store numbers its own clients"),
        help_text=gettext_lazy("Number 17 of one store and number 17 of another are two people."),
    )
    create_missing = forms.BooleanField(
        required=False,
        label=gettext_lazy("Add what is not known yet"),
        help_text=gettext_lazy(
            "Clients, staff, services, member tiers that the file names and the chain lacks. "
            "Otherwise such rows are errors."
        ),
    )
    append = forms.BooleanField(
        required=False,
        label=gettext_lazy("Add to days that are known already"),
        help_text=gettext_lazy("For files without receipt numbers that do not hold whole days."),
    )
    skip_bad_rows = forms.BooleanField(
        required=False,
        label=gettext_lazy("Leave bad rows out"),
        help_text=gettext_lazy(
            "The good rows are imported, the others written to a file to correct. "
            "Otherwise the file comes in whole or not at all."
        ),
    )

    def __init__(self, run: ImportRun, preview: Preview, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=_initial(run.options, is_first=not Client.objects.exists()))
        self.kind, self.preview, self.draft = run.kind, preview, run.options
        self.chosen = _posted(preview, data) or column_fields(run.kind, preview, run.options)
        dates = date_values(run.kind, preview, self.chosen)
        self.formats = date_formats(dates, today=chain_today(), is_1904=preview.is_1904)
        self.prepare_layout()
        self.prepare_rows()
        self._add_columns()
        self._offer_dates()
        self._drop_fields_of_other_kinds()

    def _add_columns(self) -> None:
        fields = [(item.name, f"{item.label} *" if item.required else item.label) for item in fields_of(self.kind)]
        choices = [(IGNORE, _("leave out")), *fields]
        for column, chosen in zip(self.preview.columns, self.chosen, strict=True):
            label = shortened(column.heading, LONGEST_SAMPLE) or _("Column %d") % (column.index + 1)
            field = forms.ChoiceField(choices=choices, label=label, initial=chosen, widget=PlainSelect)
            self.fields[f"column_{column.index}"] = field

    def _offer_dates(self) -> None:
        value = self.draft.get("date_format")
        choices = [(AUTOMATIC, _automatic_label(self.formats))]
        choices += [(sample.date_format, _sample_label(sample)) for sample in self.formats.fitting]
        choices.append((OTHER, _("another way, namely:")))
        self._field("date_format").choices = choices
        known = {value for value, _label in choices}
        if self.data.get("date_format", OTHER) not in known:
            # Of another column's dates, or of none.
            self.data = {**dict(self.data.items()), "date_format": ""}
        self.initial["date_format"] = (value if value in known else OTHER) if value else AUTOMATIC
        self.initial["other_format"] = value if value and value not in known else ""

    def _drop_fields_of_other_kinds(self) -> None:
        for name, kinds in FLAGS.items():
            if self.kind not in kinds:
                del self.fields[name]
        if self.kind in {Kind.VISITS, Kind.CLIENTS, Kind.BALANCES, Kind.APPOINTMENTS}:
            stores = Store.objects.order_by("code").values_list("code", "name")
            self._field("store").choices = [("", _("none: the file names it")), *((c, f"{c} · {n}") for c, n in stores)]
        else:
            del self.fields["store"]

    def _field(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        return cast("forms.ChoiceField", field)

    @property
    def columns(self) -> list[tuple[Any, forms.BoundField]]:
        return [(column, self[f"column_{column.index}"]) for column in self.preview.columns]

    @property
    def shows_dates(self) -> bool:
        return bool(date_values(self.kind, self.preview, self.chosen))

    @property
    def flags(self) -> list[forms.BoundField]:
        return [self[name] for name in ("all_by_card", *FLAGS) if name in self.fields]

    def draft_options(self) -> DraftOptions:
        """All that was entered, right or wrong."""
        self.is_valid()
        values = self.cleaned_data
        draft = {
            **self.draft,
            "date_format": self._date_format(values),
            "store": values.get("store") or None,
            **{name: bool(values.get(name)) for name in FLAGS if name in self.fields},
        }
        draft = with_column_fields(draft, self.preview, self.chosen)
        return {**draft, **self.layout, **self.rows_of_draft}

    def _date_format(self, values: Mapping[str, Any]) -> str | None:
        value = str(values.get("date_format") or "")
        if value == OTHER:
            return str(values.get("other_format") or "") or None
        return None if value in {"", AUTOMATIC} else value

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.has_other_layout:
            return values
        self._check_columns()
        self._check_dates(values)
        self.check_rows()
        if values.get("append") and "visit_ref" in self.chosen:
            message = _("Receipts name their visits whole: untick this, or leave the column of receipt numbers out.")
            self.add_error("append", message)
        return values

    def _check_columns(self) -> None:
        first: dict[str, int] = {}
        for column, field in zip(self.preview.columns, self.chosen, strict=True):
            name = f"column_{column.index}"
            if field != IGNORE and field in first:
                other = self.fields[f"column_{first[field]}"].label
                self.add_error(name, _("“%s” means this already. Leave one of the two out.") % other)
            first.setdefault(field, column.index)
        missing = [item for item in fields_of(self.kind) if item.required and item.name not in self.chosen]
        if missing:
            names = ", ".join(str(item.label) for item in missing)
            message = _("No column says this yet, and it is needed: %s. Choose it at the column that holds it.")
            self.add_error(None, message % names)
        self._check_store()

    def _check_store(self) -> None:
        per_store = bool(self.cleaned_data.get("client_ref_per_store"))
        if (
            needs_store(self.kind, client_ref_per_store=per_store)
            and "store_code" not in self.chosen
            and not self.cleaned_data.get("store")
            and has_several_stores()
        ):
            self.add_error("store", _("No column names the store. Choose the store that all rows are of."))

    def _check_dates(self, values: Mapping[str, Any]) -> None:
        if not self.shows_dates or "date_format" in self.errors:
            return
        if values.get("date_format") != OTHER:
            return
        if not values.get("other_format"):
            self.add_error("other_format", _("Say how dates are written."))
            return
        try:
            check_date_format(str(values["other_format"]))
        except AppError as error:
            self.add_error("other_format", ValidationError(str(error.message), code=error.code))


def _initial(draft: Mapping[str, Any], *, is_first: bool) -> dict[str, Any]:
    """With the first file of a chain all are new who come in it."""
    flags = {name: draft.get(name, is_first and name == "create_missing") for name in FLAGS}
    return {
        "store": draft.get("store") or "",
        **flags,
    }


def _posted(preview: Preview, data: Mapping[str, Any] | None) -> list[str]:
    """Empty where the form shows other columns than the file has."""
    if data is None:
        return []
    value = [str(data.get(f"column_{column.index}", "")) for column in preview.columns]
    return value if all(value) else []


def _automatic_label(formats: DateFormats) -> str:
    if formats.is_open:
        return _("by the other dates of the file; where they leave it open, you are asked")
    if formats.without_format is None:
        return _("recognised by itself")
    return _("recognised by itself: %s") % _sample_label(formats.without_format)


def _sample_label(sample: ParsedSample) -> str:
    values = {"sample": sample.sample, "day": day(sample.day)}
    return _("“%(sample)s” is %(day)s") % values
