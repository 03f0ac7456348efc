"""What lower apps announce that concerns visits."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from core.shared.figures import day
from core.stores.models import Store
from core.stores.signals import store_closed
from core.visits.models import Visit, VisitLine


def connect() -> None:
    store_closed.connect(_tell_later_visits, dispatch_uid="visits")


def _tell_later_visits(store: Store, **_more: Any) -> str:
    with_lines = Exists(VisitLine.objects.filter(visit=OuterRef("pk")))
    visits = Visit.objects.filter(with_lines, store=store, voided_at=None)
    last = visits.order_by("-day").values_list("day", flat=True).first()
    if last is None or store.closed_on is None or last < store.closed_on:
        return ""
    message = _("It has visits until %(last)s. They stay; no more are taken from %(closed)s on.")
    return message % {"last": day(last), "closed": day(store.closed_on)}
