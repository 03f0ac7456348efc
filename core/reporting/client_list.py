"""The clients behind a figure: who is counted, who came back, when and where."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.utils.translation import gettext as _

from core.clients.models import Client
from core.reporting.counting import first_days
from core.reporting.data import Data
from core.reporting.facts.arrays import number, stable_order
from core.reporting.facts.binary_copy import Columns
from core.reporting.facts.derivation import EPOCH
from core.reporting.grouped_counts import selection_of
from core.reporting.metrics import METRICS
from core.reporting.places import Places
from core.reporting.question import NONE_KEY, Question
from core.shared import figures
from core.shared.errors import AppError
from core.staff.models import StaffMember
from core.stores.models import Store

PAGE = 50
MOST_IN_A_FILE = 100_000


@dataclass(frozen=True)
class ListedClient:
    client_id: int
    name: str
    ref: str
    store: str
    first_day: date
    # None where the client has not come back in the period.
    back_day: date | None
    back_store: str | None


@dataclass(frozen=True)
class ClientList:
    clients: int
    repeats: int
    listed: list[ListedClient]


def client_list(
    question: Question,
    data: Data | None = None,
    *,
    group: str | None = None,
    back: bool | None = None,
    page: int | None = 1,
) -> ClientList:
    """The clients of the question's filters (by acquisition or staff: of that group), in the order of their first days;
    `back` keeps those who came back, or those who did not. In scope `store` one for each client and store. Without a
    `page` all are listed.

    Raises AppError for a filter by something that the chain does not have, and for more clients than a file takes.
    """
    data = data or Data()
    with data.reader() as reader:
        metric, selection = METRICS[question.metric], selection_of(question, data)
        rows = first_days(reader, metric, selection, data.places, ("client_id", "staff_id"))
    places = data.places
    rows = _only(rows, places.inside(question)[rows["location_id"]])
    if question.store_group is not None:
        groups, stores = data.store_groups, places.store[rows["location_id"]]
        rows = _only(rows, groups.inside(question.store_group, stores, groups.part_on(stores, rows["day"])))
    if group is not None:
        rows = _only(rows, rows["is_new"] == (group == "new") if question.by == "acquisition" else _served(rows, group))
    came_back = rows["back"] >= 0
    counted, repeats = len(came_back), int(came_back.sum())
    if back is not None:
        rows = _only(rows, came_back == back)
    order = stable_order(number(rows["day"], rows["client_id"], places.store[rows["location_id"]]))
    if page is None and len(order) > MOST_IN_A_FILE:
        text = _("The list has more than %(most)s clients. Choose a shorter period, a place or a store.")
        raise AppError("too_many_clients", text % {"most": figures.count(MOST_IN_A_FILE)}, field="from")
    shown = order if page is None else order[(page - 1) * PAGE : page * PAGE]
    return ClientList(counted, repeats, _listed(_only(rows, shown), places))


def _only(rows: Columns, which: np.ndarray) -> Columns:
    return {name: column[which] for name, column in rows.items()}


def _served(rows: Columns, group: str) -> np.ndarray:
    """By the staff member of that code."""
    staff = None if group == NONE_KEY else StaffMember.objects.filter(code=group).values_list("id", flat=True).first()
    served: np.ndarray = rows["staff_id"] == (staff or 0)
    return served


def _listed(rows: Columns, places: Places) -> list[ListedClient]:
    clients = Client.objects.in_bulk(rows["client_id"].tolist())
    names = dict(Store.objects.values_list("id", "name"))
    values = zip(
        *(rows[name].tolist() for name in ("client_id", "location_id", "day", "back", "next_location_id")), strict=True
    )
    return [
        ListedClient(
            client_id=client,
            name=clients[client].name,
            ref=clients[client].ref,
            store=names[places.by_id[here].store_id],
            first_day=EPOCH + timedelta(days=day),
            back_day=EPOCH + timedelta(days=back) if back >= 0 else None,
            back_store=names[places.by_id[there].store_id] if back >= 0 else None,
        )
        for client, here, day, back, there in values
    ]
