"""The staff and services that a file has made."""

from django.db.backends.utils import CursorWrapper
from django.utils.translation import ngettext

from core.imports.services.context import ImportContext
from core.imports.services.results import Finding
from core.imports.services.values.memo import shortened

# Of what is made, so many are named.
NAMED = 5


def stores_of_staff(cursor: CursorWrapper, staged: str, staff: list[int], *, by: str, store: str) -> dict[int, int]:
    """By the id of each staff member that is new, the store of the first good row that names them: `by` and `store`
    are columns of the staging table."""
    if not staff:
        return {}
    cursor.execute(
        f"SELECT DISTINCT ON ({by}) {by}, {store} FROM {staged} "  # noqa: S608
        f"WHERE NOT bad AND {by} = ANY(%s::bigint[]) ORDER BY {by}, line",
        [staff],
    )
    return dict(cursor.fetchall())


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
