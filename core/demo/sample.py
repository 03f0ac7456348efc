"""A small sample for a new chain to look around in: three stores of Maple & Birch over two years that end yesterday.

Each code in it begins with SAMPLE-, by which it is taken out again.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from core.demo import names_cn
from core.demo.extras import number_receipts
from core.demo.generate import generate
from core.demo.maple import MAPLE
from core.demo.plan import CategoryQuota, ChainPlan, Item, StorePlan, YearPlan
from core.demo.records import Client, Dataset, Visit
from core.demo.sample_words import CHINESE

PREFIX = "SAMPLE-"
# Of the plan's stores, by the code they have in the sample.
STORES = {"TOR-YV": f"{PREFIX}1", "HFX-SG": f"{PREFIX}2", "KEL-DT": f"{PREFIX}3"}
STORE_CODES = tuple(STORES.values())


def sample(*, language: str, yesterday: date) -> tuple[ChainPlan, Dataset]:
    """In Chinese for `zh-hans`, else in English."""
    plan = _in_words(MAPLE, CHINESE.get) if language.startswith("zh") else MAPLE
    if language.startswith("zh"):
        plan = replace(plan, naming=replace(plan.naming, person=names_cn.person, phone=names_cn.phone))
    data = _of_our_stores(generate(plan))
    last = max(visit.started_at.date() for visit in data.visits)
    # Whole weeks, so that Saturdays stay Saturdays.
    shift = timedelta(days=(yesterday - last).days // 7 * 7)
    _shift(data, shift)
    _mark(data)
    return _marked(plan, shift), data


def _in_words(plan: ChainPlan, word: Callable[[str, str], str]) -> ChainPlan:
    """The same plan, its stores, items, categories and tiers under other names."""

    def said(text: str) -> str:
        return word(text, text)

    def store(one: StorePlan) -> StorePlan:
        return replace(
            one, name=said(one.name), city=said(one.city), tier=said(one.tier), region=said(one.region), time_zone=""
        )

    def item(one: Item) -> Item:
        return replace(one, name=said(one.name), category=said(one.category))

    def category(one: CategoryQuota) -> CategoryQuota:
        return replace(one, name=said(one.name))

    def year(one: YearPlan) -> YearPlan:
        tiers = {said(name): quota for name, quota in one.tiers.items()}
        return replace(one, tiers=tiers, categories=tuple(map(category, one.categories)))

    roles = tuple(map(said, plan.naming.staff_roles))
    return replace(
        plan,
        stores=tuple(map(store, plan.stores)),
        items=tuple(map(item, plan.items)),
        years=tuple(map(year, plan.years)),
        naming=replace(plan.naming, staff_roles=roles),
    )


def _of_our_stores(data: Dataset) -> Dataset:
    clients = [client for client in data.clients if client.store.code in STORES]
    known = {client.ref for client in clients} | {""}
    for client in clients:
        client.referrer = client.referrer if client.referrer in known else ""
    visits = [visit for visit in data.visits if visit.store in STORES and visit.client in known]
    return Dataset([member for member in data.staff if member.store in STORES], clients, visits)


def _shift(data: Dataset, by: timedelta) -> None:
    for member in data.staff:
        member.hired_on += by
    for client in data.clients:
        client.joined_on = client.joined_on and client.joined_on + by
        client.tiers = [(day + by, tier) for day, tier in client.tiers]
    for visit in data.visits:
        visit.started_at += by
    number_receipts(data.visits)


def _mark(data: Dataset) -> None:
    refs = {client.ref: f"{PREFIX}{number:04d}" for number, client in enumerate(data.clients, 1)}
    refs[""] = ""
    for member in data.staff:
        member.code, member.store = PREFIX + member.code, STORES[member.store]
    for client in data.clients:
        _mark_client(client, refs)
    for visit in data.visits:
        _mark_visit(visit, refs)


def _mark_client(client: Client, refs: dict[str, str]) -> None:
    client.ref, client.referrer = refs[client.ref], refs[client.referrer]
    client.store = replace(client.store, code=STORES[client.store.code])


def _mark_visit(visit: Visit, refs: dict[str, str]) -> None:
    visit.store, visit.client, visit.ref = STORES[visit.store], refs[visit.client], PREFIX + visit.ref
    for line in visit.lines:
        line.item = line.item and PREFIX + line.item
        line.staff = line.staff and PREFIX + line.staff


def _marked(plan: ChainPlan, shift: timedelta) -> ChainPlan:
    stores = tuple(
        replace(store, code=STORES[store.code], opened_on=store.opened_on + shift, time_zone="")
        for store in plan.stores
        if store.code in STORES
    )
    return replace(plan, stores=stores, items=tuple(replace(item, code=PREFIX + item.code) for item in plan.items))
