"""The file, and what it holds."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports.models import Kind, Upload
from core.imports.runs.resumable import unfinished, upload_gone


class UploadForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What the file holds"),
        widget=forms.RadioSelect,
        choices=[(kind.value, kind.label) for kind in Kind],
    )
    file = forms.FileField(
        required=False,
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or text, Excel (.xlsx or .xls), OpenDocument (.ods), or a ZIP of monthly files."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods,.htm,.html,.zip,text/csv,text/plain"}),
        allow_empty_file=True,
    )
    pasted = forms.CharField(
        required=False,
        label=gettext_lazy("Cells copied from a spreadsheet, with their headings"),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        strip=False,
    )

    hints: ClassVar = [
        (Kind.STORES.label, gettext_lazy("code, name and city; tier and region come from the built-in list of cities")),
        (Kind.STAFF.label, gettext_lazy("code, name and store")),
        (Kind.SERVICES.label, gettext_lazy("code, name and category")),
        (Kind.CLIENTS.label, gettext_lazy("client number; name, phone, member tier and more where known")),
        (Kind.VISITS.label, gettext_lazy("one row a line of the receipt: client number, date, amount, and store")),
        (Kind.BALANCES.label, gettext_lazy("client, card, and how many times or what amount is left")),
        (
            Kind.APPOINTMENTS.label,
            gettext_lazy("client, date and time, status, and store; staff and service where known"),
        ),
    ]

    # What the script says: upload.js.
    texts: ClassVar = {
        "progress": gettext_lazy("%(sent)s of %(size)s"),
        "file": gettext_lazy("File %(number)s of %(files)s: %(name)s"),
        "waiting": gettext_lazy("The connection is lost. The upload goes on by itself once it is back."),
        "stopped": gettext_lazy("Stopped. Upload the same file again within a day, and it goes on where it stopped."),
        "failed": gettext_lazy("The upload did not get through. Try again: it goes on where it stopped."),
        "pasted": gettext_lazy("Pasted cells"),
        "signed-out": gettext_lazy("You are signed out. Sign in and choose the same file again: the upload goes on."),
    }

    def __init__(self, *args: Any, uploads: Sequence[Upload], asked: int = 0, **kwargs: Any) -> None:
        """`uploads` are those that came up before, of so many that were asked for."""
        super().__init__(*args, **kwargs)
        self.uploads = list(uploads)
        self._asked = asked

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("file") and "file" not in self.errors:
            self._check_uploads(has_cells=bool((values.get("pasted") or "").strip()))
        return values

    def _check_uploads(self, *, has_cells: bool) -> None:
        if len(self.uploads) < self._asked:
            self.add_error("file", str(upload_gone().message))
        elif not all(upload.is_whole for upload in self.uploads):
            self.add_error("file", unfinished())
        elif not self.uploads and not has_cells:
            self.add_error("file", _("Choose the file, or paste cells below."))
