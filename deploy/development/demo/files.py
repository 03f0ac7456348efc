"""Write a demo chain as import files, in the columns of the contract."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from deploy.development.demo.plan import ChainPlan
from deploy.development.demo.records import Client, Dataset, Line, Visit

Row = Sequence[object]

STORES = ("store_code", "name", "city", "city_tier", "region", "opened_on", "time_zone")
STAFF = ("staff_code", "name", "store_code", "role", "phone", "hired_on")
SERVICES = ("service_code", "name", "category", "price", "duration_min", "interval_days")
CLIENTS = (
    "client_ref", "name", "phone", "gender", "birth_date", "store_code", "joined_on", "referrer_ref",
    "member_tier", "member_tier_from",
)  # fmt: skip
REVIEWS = ("client_ref", "member_tier", "member_tier_from")
VISITS = (
    "client_ref", "started_at", "amount", "store_code", "visit_ref", "service_code", "category", "kind", "quantity",
    "staff_code", "duration_min", "rating", "paid_by_card",
)  # fmt: skip


def write_files(plan: ChainPlan, data: Dataset, folder: Path) -> list[tuple[str, Path]]:
    """The files with their kinds, in the order in which they import; visits a file a year."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [
        ("stores", _write(folder / "stores.csv", STORES, _stores(plan))),
        ("staff", _write(folder / "staff.csv", STAFF, _staff(data))),
        ("services", _write(folder / "services.csv", SERVICES, _services(plan))),
        ("clients", _write(folder / "clients.csv", CLIENTS, (_client(client) for client in data.clients))),
    ]
    for review in sorted({day for client in data.clients for day, _tier in client.tiers[1:]}):
        rows = ((client.ref, tier, day) for client in data.clients for day, tier in client.tiers[1:] if day == review)
        files.append(("clients", _write(folder / f"member-tiers-{review}.csv", REVIEWS, rows)))
    for year in sorted({visit.started_at.year for visit in data.visits}):
        visits = [visit for visit in data.visits if visit.started_at.year == year]
        lines = (_line(visit, line) for visit in visits for line in visit.lines)
        files.append(("visits", _write(folder / f"visits-{year}.csv", VISITS, lines)))
    return files


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def _stores(plan: ChainPlan) -> Iterable[Row]:
    for store in plan.stores:
        # Where the region is left out the built-in table of cities knows it, and the tier.
        tier = store.tier if store.region else ""
        yield store.code, store.name, store.city, tier, store.region, store.opened_on, store.time_zone


def _staff(data: Dataset) -> Iterable[Row]:
    for member in data.staff:
        yield member.code, member.name, member.store, member.role, member.phone, member.hired_on


def _services(plan: ChainPlan) -> Iterable[Row]:
    for item in plan.items:
        yield item.code, item.name, item.category, item.price, item.duration_min, item.interval_days


def _client(client: Client) -> Row:
    tier_from, tier = client.tiers[0]
    return (
        client.ref, client.name, client.phone, client.gender, client.birth_date, client.store.code, client.joined_on,
        client.referrer, tier, tier_from,
    )  # fmt: skip


def _line(visit: Visit, line: Line) -> Row:
    paid = "1" if line.paid_by_card else "0"
    started = visit.started_at.isoformat(" ", "minutes")
    return (
        visit.client, started, f"{line.amount}.00", visit.store, visit.ref, line.item, line.category, line.kind,
        line.quantity, line.staff, line.duration_min, line.rating, paid,
    )  # fmt: skip
