"""Tells of the staff and services that a file has made."""

from django.utils.translation import ngettext

from core.imports.services.context import ImportContext
from core.imports.services.results import Finding
from core.imports.services.values.memo import shortened

# Of what is made, so many are named.
NAMED = 5


def tell_new(context: ImportContext, code: str, names: list[str]) -> None:
    if not names:
        return
    if code == "new_services":
        message = ngettext("%(count)d new service: %(names)s.", "%(count)d new services: %(names)s.", len(names))
    else:
        message = ngettext(
            "%(count)d new staff member: %(names)s.", "%(count)d new staff members: %(names)s.", len(names)
        )
    shown = ", ".join(map(shortened, names[:NAMED])) + (" …" if len(names) > NAMED else "")
    text = message % {"count": len(names), "names": shown}
    context.findings.append(Finding("note", code, text, rows=len(names)))
