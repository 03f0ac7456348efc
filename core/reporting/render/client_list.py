"""The list of counted clients: all, who came back, who did not; page by page."""

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.reporting.client_list import ClientList
from core.reporting.render.choices import Choice
from core.shared.figures import count


def client_tabs(kept: str, found: ClientList, back: bool | None) -> list[Choice]:  # noqa: FBT001
    """`kept` is the question's query string."""
    away = found.clients - found.repeats
    return [
        Choice(_("All %(count)s") % {"count": count(found.clients)}, kept, back is None),
        Choice(_("Came back: %(count)s") % {"count": count(found.repeats)}, f"{kept}&back=yes", back is True),
        Choice(_("Not yet: %(count)s") % {"count": count(away)}, f"{kept}&back=no", back is False),
    ]


def page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 8 else 1


def page_of(found: ClientList, back: bool | None, number: int, size: int) -> Page[None]:  # noqa: FBT001
    """For the links to other pages; the rows are already those of this one."""
    total = {None: found.clients, True: found.repeats, False: found.clients - found.repeats}[back]
    return Paginator(range(total), size).get_page(number)  # type: ignore[return-value]
