"""Why two groups differ: a piece of the pages of the report and of a store."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.accounts.gates import needs
from core.reporting.answers import answer
from core.reporting.compare.kinds import Split
from core.reporting.data import Data
from core.reporting.declaration import COMPARE_STORES
from core.reporting.metrics.base import Metric
from core.reporting.question import Question
from core.reporting.render import links
from core.reporting.render.captions import key_of_why
from core.reporting.render.table import ordered
from core.reporting.render.why import selects, why_context
from core.reporting.report import Report
from core.reporting.views.requests import Drawn, Part, fragment, question_of
from core.reporting.why import BEFORE, CHAIN, Pair, others_of, usual_pair, why
from core.shared.errors import AppError
from core.stores.models import Store

NAMES = ("one", "other", "split")


@dataclass(frozen=True)
class Asked:
    """A question, the one that the page's own links are of, what is shown where nothing is chosen, and the groups to
    choose from, none on the page of a store."""

    question: Question
    linked: Question
    page: str
    usual: Pair | None
    groups: Sequence[tuple[str, str]] = ()


def why_query(question: Question, params: QueryDict) -> str:
    """The address's query for the piece, with what was chosen on the page."""
    chosen = {name: params[name] for name in NAMES if params.get(name)}
    return links.query(question) + ("&" + urlencode(chosen) if chosen else "")


@needs(COMPARE_STORES)
@require_safe
def of_report(request: HttpRequest, metric: Metric) -> HttpResponse:
    question, data = question_of(request, metric)
    return why_fragment(request, asked_of_report(answer(question, data, ranked=False)), data)


def asked_of_report(report: Report) -> Asked:
    question, groups = report.question, [(group.key, group.label) for group in ordered(report)]
    return Asked(question, question, links.page("overview", question), usual_pair(report), groups)


def asked_of_store(store: Store, question: Question) -> Asked:
    """`question` is by store, of the one store."""
    linked = replace(question, by="city_tier", store=None)
    offered = others_of(question)
    usual = Pair(one=store.code, other=CHAIN if CHAIN in offered else BEFORE) if offered else None
    page = links.store_pages(question)(store.code).partition("?")[0]
    return Asked(question, linked, page, usual)


def why_part(params: QueryDict, asked: Asked, data: Data) -> list[Part]:
    """For a page to print, which has nothing to choose from: none where there is nothing to compare with."""
    if asked.usual is None:
        return []
    pair = _chosen(params, asked.usual, can_choose=bool(asked.groups))
    drawn = Drawn(asked.question, data, "why", _("Why they differ"))
    try:
        return [("why", why_context(why(asked.question, pair, data)), drawn)]
    except AppError as error:
        return [("why", {"error": error.message}, drawn)]


def why_fragment(request: HttpRequest, asked: Asked, data: Data) -> HttpResponse:
    """What cannot be asked is said above the choice, so that it can be mended."""
    if asked.usual is None:
        raise AppError("nothing_to_compare", _("There is nothing to compare with."), status=404)
    pair = _chosen(request.GET, asked.usual, can_choose=bool(asked.groups))
    context: dict[str, Any] = {
        "action": asked.page if getattr(request, "htmx", False) else request.path,
        "hidden": links.parts(asked.linked),
        "selects": selects(asked.question, pair, asked.groups),
    }
    try:
        context |= why_context(why(asked.question, pair, data))
    except AppError as error:
        context |= {"error": error.message}
    more = "&" + urlencode({name: getattr(pair, name) for name in NAMES})
    drawn = Drawn(asked.question, data, "why", _("Why they differ"), key_of_why(), more)
    return fragment(request, "why", context, drawn)


def _chosen(params: QueryDict, usual: Pair, *, can_choose: bool) -> Pair:
    one = params.get("one") if can_choose else None
    split = cast("Split", params.get("split") or usual.split)
    return Pair(one=one or usual.one, other=params.get("other") or usual.other, split=split)
