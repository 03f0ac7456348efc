"""A small sample for a new chain to look around in: three stores of Maple & Birch over two years.

It is recorded (record_sample.py) and ships with the product; each code in it begins with SAMPLE-.
"""

from collections.abc import Callable
from dataclasses import replace

from core.start.services.sample_files import PREFIX, STORE_CODES
from deploy.development.demo import names_cn
from deploy.development.demo.generate import generate
from deploy.development.demo.maple import MAPLE
from deploy.development.demo.plan import CategoryQuota, ChainPlan, Item, StorePlan, YearPlan
from deploy.development.demo.records import Client, Dataset, Visit
from deploy.development.demo.sample_chinese import CHINESE

# The codes in the sample by those of the plan's stores.
STORES = dict(zip(("TOR-YV", "HFX-SG", "KEL-DT"), STORE_CODES, strict=True))


def sample(*, language: str) -> tuple[ChainPlan, Dataset]:
    """In Chinese for `zh-hans`, else in English."""
    plan = _in_words(MAPLE, CHINESE.get) if language.startswith("zh") else MAPLE
    if language.startswith("zh"):
        plan = replace(plan, naming=replace(plan.naming, person=names_cn.person, phone=names_cn.phone))
    data = _of_our_stores(generate(plan))
    _mark(data)
    return _marked(plan), data


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


def _mark(data: Dataset) -> None:
    refs = {client.ref: f"{PREFIX}{number:04d}" for number, client in enumerate(data.clients, 1)}
    refs[""] = ""
    for member in data.staff:
        member.code, member.store = PREFIX + member.code, STORES[member.store]
    for client in data.clients:
        _mark_client(client, refs)
    for number, visit in enumerate(data.visits, 1):
        _mark_visit(visit, refs, number)


def _mark_client(client: Client, refs: dict[str, str]) -> None:
    client.ref, client.referrer = refs[client.ref], refs[client.referrer]
    client.store = replace(client.store, code=STORES[client.store.code])


def _mark_visit(visit: Visit, refs: dict[str, str], number: int) -> None:
    visit.store, visit.client, visit.ref = STORES[visit.store], refs[visit.client], f"{PREFIX}{number:05d}"
    for line in visit.lines:
        line.item = line.item and PREFIX + line.item
        line.staff = line.staff and PREFIX + line.staff


def _marked(plan: ChainPlan) -> ChainPlan:
    stores = tuple(
        replace(store, code=STORES[store.code], time_zone="") for store in plan.stores if store.code in STORES
    )
    return replace(plan, stores=stores, items=tuple(replace(item, code=PREFIX + item.code) for item in plan.items))
