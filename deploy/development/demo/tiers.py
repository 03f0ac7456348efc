"""The member scheme: each half-year a client's tier is set anew by the net spend of the 365 days before."""

from datetime import date, timedelta

from deploy.development.demo.plan import ChainPlan
from deploy.development.demo.records import Client, Visit

Spend = list[tuple[date, int]]


def review_dates(plan: ChainPlan) -> list[date]:
    dates = [date(year.year, month, 1) for year in plan.years for month in (1, 7)][1:]
    return [day for day in dates if day <= plan.last_day]


def set_member_tiers(plan: ChainPlan, clients: list[Client], visits: list[Visit]) -> None:
    spent: dict[str, Spend] = {client.ref: [] for client in clients}
    for visit in visits:
        if visit.client:
            amount = sum(line.amount for line in visit.lines if not line.paid_by_card)
            spent[visit.client].append((visit.started_at.date(), amount))
    reviews = review_dates(plan)
    for client in clients:
        client.tiers = _history(plan, client, spent[client.ref], reviews)


def _history(plan: ChainPlan, client: Client, spent: Spend, reviews: list[date]) -> list[tuple[date, str]]:
    joined = client.joined_on or spent[0][0]
    history = [(joined, plan.member_tiers[0][0])]
    for review in reviews:
        if review <= joined:
            continue
        since = review - timedelta(days=365)
        total = sum(amount for day, amount in spent if since <= day < review)
        tier = next(code for code, least in reversed(plan.member_tiers) if total >= least or not least)
        if tier != history[-1][1]:
            history.append((review, tier))
    return history
