"""The report's table: one row a group, with the same figures as charts and exports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from core.membership.models import MemberTier
from core.reporting.charts.theme import tier_token
from core.reporting.links import query
from core.reporting.presentation.words import native_name
from core.reporting.report import NONE_KEY, Group, Question, Report
from core.reporting.repurchase import Rates
from core.stores.tiers import tier_rank


@dataclass(frozen=True, kw_only=True)
class Row:
    group: Group
    native: str
    # The dot's colour; empty where groups have none of their own.
    token: str
    # Where the group's name leads: one level down.
    down: str
    # The clients counted.
    clients: str
    # Rate minus the year before's; None where that has none.
    change: float | None
    before: float | None


def ordered(report: Report) -> list[Group]:
    """City tiers from the first down, member tiers by rank; other groups by key, never by rate."""
    if report.question.by == "city_tier":
        return sorted(report.groups, key=lambda group: tier_rank(group.key))
    if report.question.by == "member_tier":
        ranks = {code: rank for rank, code in enumerate(MemberTier.objects.values_list("code", flat=True))}
        return sorted(report.groups, key=lambda group: (ranks.get(group.key, len(ranks)), group.key))
    return list(report.groups)


def rows(report: Report, before: Rates, tiers: Sequence[str], groups: Iterable[Group] | None = None) -> list[Row]:
    """Of all groups in order, unless some are given."""
    chosen = ordered(report) if groups is None else groups
    return [_row(report.question, group, before.groups.get(group.key), tiers) for group in chosen]


def _row(question: Question, group: Group, before: float | None, tiers: Sequence[str]) -> Row:
    change = group.rate - before if group.rate is not None and before is not None else None
    return Row(
        group=group,
        native=native_name(group, question.by),
        token=token(question, group, tiers),
        down=_down(question, group),
        clients=clients_link(question, group),
        change=change,
        before=before,
    )


def token(question: Question, group: Group, tiers: Sequence[str]) -> str:
    if question.by == "city_tier":
        return tier_token(group.key, tiers)
    return tier_token(group.city_tier, tiers) if question.by in ("store", "staff") else ""


def _down(question: Question, group: Group) -> str:
    """Region or tier → its cities → their stores → the store; a category or member tier → its city tiers."""
    if group.key == NONE_KEY:
        return ""
    match question.by:
        case "region" | "city_tier":
            return query(question, by="city", **{question.by: group.key})
        case "city":
            return query(question, by="store", city=group.key)
        case "store":
            return reverse("stores:detail", args=[group.key]) + query(replace(question, by="city_tier"))
        case "category" | "member_tier":
            return query(question, by="city_tier", **{question.by: group.key})
        case _:
            return ""


def clients_link(question: Question, group: Group | None = None) -> str:
    """The list of the clients counted in a group, or in the total."""
    address = reverse("repurchase:clients")
    if group is None or question.by == "none":
        return address + query(question, by="city_tier")
    if question.by in ("staff", "acquisition"):
        return address + query(question) + "&" + urlencode({"group": group.key})
    return address + query(question, by="city_tier", **{question.by: group.key})
