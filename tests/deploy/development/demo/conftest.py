"""The demo chain 悦颜 as import files, and counted from them in plain loops by the words of the metric dictionary."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest

from deploy.development.demo.files import write_files
from deploy.development.demo.generate import generate
from deploy.development.demo.yueyan import YUEYAN

Row = dict[str, str]


@dataclass
class Attendance:
    """A visit: the kept lines of one client (or of nobody known) on one receipt of one store."""

    store: str
    client: str
    started_at: str
    lines: list[Row] = field(default_factory=list)

    @property
    def day(self) -> str:
        return self.started_at[:10]

    @property
    def kept(self) -> list[Row]:
        return [line for line in self.lines if int(line["quantity"]) > 0]


class Year:
    """Plain counts over one calendar year of the files."""

    def __init__(self, folder: Path, year: int) -> None:
        self.year = year
        self.tiers = {store.code: store.tier for store in YUEYAN.stores}
        visits: dict[tuple[str, str, str], Attendance] = {}
        with (folder / f"visits-{year}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                key = row["store_code"], row["visit_ref"], row["client_ref"]
                found = visits.setdefault(key, Attendance(row["store_code"], row["client_ref"], row["started_at"]))
                found.lines.append(row)
        self.all = list(visits.values())
        self.kept = [visit for visit in self.all if visit.kept and visit.client]
        self.days: dict[str, dict[str, list[Attendance]]] = defaultdict(lambda: defaultdict(list))
        for visit in sorted(self.kept, key=lambda visit: (visit.started_at, visit.store)):
            self.days[visit.client][visit.day].append(visit)
        self.repeats = {client for client, days in self.days.items() if len(days) > 1}

    def rate(self, clients: set[str] | None = None) -> float:
        clients = set(self.days) if clients is None else clients
        return len(clients & self.repeats) / len(clients)

    def first_visit(self, client: str) -> Attendance:
        days = self.days[client]
        return days[min(days)][0]

    def of_tier(self, tier: str) -> set[str]:
        return {client for client in self.days if self.tiers[self.first_visit(client).store] == tier}

    def of_store(self, store: str) -> set[str]:
        return {client for client in self.days if self.first_visit(client).store == store}

    def category_rate(self, category: str) -> float:
        pairs: dict[str, set[str]] = defaultdict(set)
        for visit in self.kept:
            if any(line["category"] == category for line in visit.kept):
                pairs[visit.client].add(visit.day)
        return sum(len(days) > 1 for days in pairs.values()) / len(pairs)

    def service_share(self, category: str) -> float:
        services = [line["category"] for line in self.lines(kept=True) if line["kind"] == "service"]
        return services.count(category) / len(services)

    def lines(self, *, kept: bool = False) -> Iterator[Row]:
        for visit in self.all:
            yield from visit.kept if kept else visit.lines

    def spend(self, days: int | None = None) -> dict[str, float]:
        """Net revenue by client ('' for nobody known), of the year or of its last days."""
        since = str(date(self.year + 1, 1, 1) - timedelta(days=days)) if days else ""
        spend: dict[str, float] = defaultdict(float)
        for visit in self.all:
            if visit.day >= since:
                spend[visit.client] += sum(float(x["amount"]) for x in visit.lines if x["paid_by_card"] != "1")
        return spend

    def high_value(self) -> set[str]:
        spend = self.spend(days=365)
        return {client for client in self.days if spend[client] > 5000}

    def cycle_share(self, low: float, high: float) -> float:
        """Share of the repeat clients whose mean gap lies above `low` and at most at `high`."""
        found = 0
        for client in self.repeats:
            days = [date.fromisoformat(day) for day in sorted(self.days[client])]
            found += low < (days[-1] - days[0]).days / (len(days) - 1) <= high
        return found / len(self.repeats)

    def ratings(self) -> dict[str, list[float]]:
        ratings: dict[str, list[float]] = defaultdict(list)
        for visit in self.kept:
            ratings[visit.client] += [float(line["rating"]) for line in visit.kept if line["rating"]]
        return {client: given for client, given in ratings.items() if given}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("yueyan")
    write_files(YUEYAN, generate(YUEYAN), made)
    return made


@pytest.fixture(scope="session")
def year_2025(folder: Path) -> Year:
    return Year(folder, 2025)


@pytest.fixture(scope="session")
def year_2024(folder: Path) -> Year:
    return Year(folder, 2024)
