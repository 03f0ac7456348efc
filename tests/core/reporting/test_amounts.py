"""How far chance reaches in changes of revenue, averages and ratings: against clients drawn again and again."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts.models import User
from core.clients.models import Client
from core.reporting.answers import beside
from core.reporting.client_sums import client_units
from core.reporting.compare.amounts import FIGURES, half_intervals_of_places
from core.reporting.compare.periods import compared_periods
from core.reporting.data import Data
from core.reporting.dimensions import DIMENSIONS
from core.reporting.metrics.base import Beside
from core.reporting.place_table import COLUMNS, place_table
from core.reporting.question import Question
from core.reporting.statistics.change import of_intervals
from core.reporting.statistics.proportions import Z, wilson
from core.stores.models import Store
from core.stores.services.groups import add_stores, create_group
from core.visits.models import Visit
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit

YEAR = Question(metric="volumes", start=date(2025, 1, 1), end=date(2026, 1, 1), compare="year_before")
DRAWS = 4000
Sums = Mapping[str, np.ndarray]


@pytest.fixture
def spending(salon: dict[str, Store], hq_user: User) -> None:
    """More visits with amounts and ratings of all kinds; many clients come in both years."""
    random = Random(7)
    clients = list(Client.objects.order_by("ref"))
    for _number in range(120):
        client, year = random.choice(clients), random.choice([2024, 2025])
        lines = [
            NewLine(amount=Decimal(random.randint(-50, 3000)), rating=random.choice([None, 3, 4, 5]))
            for _line in range(random.randint(1, 2))
        ]
        day = date(year, 1, 1) + timedelta(days=random.randrange(360))
        record_visit(
            acting_user=hq_user, store=random.choice(list(salon.values())), client=client, day=day, lines=lines
        )


def told() -> Beside:
    data = Data()
    found = beside(YEAR, compared_periods(YEAR, data.completeness), data)
    assert found is not None
    return found


def by_client(year: int) -> dict[int, dict[str, float]]:
    """What each client adds, in loops over the visits."""
    sums: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for visit in Visit.objects.filter(day__year=year, client__isnull=False).prefetch_related("lines"):
        own, lines = sums[visit.client_id or 0], list(visit.lines.all())
        own["net_revenue"] += 100 * float(sum(line.amount for line in lines))
        own["visits"] += 1
        own["clients"] = 1
        if ratings := [float(line.rating) for line in lines if line.rating is not None]:
            own["ratings"] += sum(ratings) / len(ratings)
            own["rated"] += 1
    return sums


@pytest.mark.usefixtures("spending")
def test_intervals_are_those_of_drawing_clients_again() -> None:
    found = told().half_intervals
    after, before = by_client(2025), by_client(2024)
    clients = sorted(after.keys() | before.keys())
    names = ("net_revenue", "visits", "clients", "ratings", "rated")
    now, then = (
        {name: np.array([year[client][name] if client in year else 0.0 for client in clients]) for name in names}
        for year in (after, before)
    )
    weights = np.random.default_rng(3).multinomial(len(clients), [1 / len(clients)] * len(clients), DRAWS)

    def spread(figure: Callable[[Sums], np.ndarray]) -> float:
        drawn = figure({n: weights @ column for n, column in now.items()}) - figure(
            {n: weights @ column for n, column in then.items()}
        )
        return float(Z * drawn.std())

    for name, figure in {
        "net_revenue": lambda sums: sums["net_revenue"],
        "average_visit": lambda sums: sums["net_revenue"] / sums["visits"],
        "average_client": lambda sums: sums["net_revenue"] / sums["clients"],
        "mean_rating": lambda sums: sums["ratings"] / sums["rated"],
    }.items():
        assert found[name] == pytest.approx(spread(figure), rel=0.08), name


@pytest.mark.usefixtures("spending")
def test_counts_are_poissons() -> None:
    both = told()
    for name in ("visits", "clients", "new_clients"):
        numbers = both.after.counts[name] + both.before.counts[name]
        assert both.half_intervals[name] == pytest.approx(Z * numbers**0.5)


def test_of_places_and_categories_only_their_own_count(spending: None, salon: dict[str, Store]) -> None:
    whole = told().half_intervals["net_revenue"]
    for narrowed in ({"store": "S001"}, {"region": "华北"}, {"category": "面部护理"}):
        asked, data = replace(YEAR, **narrowed), Data()  # type: ignore[arg-type]
        found = beside(asked, compared_periods(asked, data.completeness), data)
        assert found is not None
        assert 0 < found.half_intervals["net_revenue"] < whole, narrowed


def test_the_interval_of_a_difference_is_newcombes() -> None:
    """Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890, table II: 56/70 - 48/80 by method 10."""
    low, high = of_intervals((56 / 70, wilson(56, 70) or (0, 0)), (48 / 80, wilson(48, 80) or (0, 0)))
    assert (low, high) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))


def alone(narrowed: Question) -> Mapping[str, float]:
    """Of the total of what it asks for."""
    data = Data()
    found = beside(narrowed, compared_periods(narrowed, data.completeness), data)
    assert found is not None
    return {figure: found.half_intervals[figure] for figure in FIGURES}


@pytest.mark.usefixtures("spending")
def test_of_each_place_they_are_those_of_asking_for_it_alone(hq_user: User) -> None:
    """A store joins a group in the middle of the first year: what happened in the group counts."""
    group = create_group(name="pilot", acting_user=hq_user)
    add_stores(group_id=group.pk, codes=["S001"], joined_on=date(2024, 7, 1), left_on=None)
    data = Data()
    periods = compared_periods(YEAR, data.completeness)
    found = {
        by: half_intervals_of_places(replace(YEAR, by=by), periods, data, FIGURES)
        for by in ("region", "city_tier", "store", "region/city/store", "store_group")
    }
    for by in ("region", "city_tier", "store"):
        names = DIMENSIONS[by].named(found[by])
        for raw, halves in found[by].items():
            assert halves == pytest.approx(alone(replace(YEAR, **{by: names[raw].key}))), raw
    assert sorted(map(repr, found["region/city/store"].values())) == sorted(map(repr, found["store"].values()))
    pilot = found["store_group"]["pilot"]
    assert pilot == pytest.approx(alone(replace(YEAR, store_group="pilot")))
    assert pilot["net_revenue"] != pytest.approx(found["store"][str(group.members.get().store_id)]["net_revenue"])
    columns = [COLUMNS[key] for key in ("net_revenue", "average_visit", "visits")]
    table = place_table(YEAR, "region", columns, data)
    assert all(row.values[column.key].change.ci95 for row in table.rows for column in columns)
    low, high = table.total["net_revenue"].change.ci95 or (0, 0)
    assert (high - low) / 2 == pytest.approx(alone(YEAR)["net_revenue"])


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3), st.integers(-5, 5)), max_size=30),
    st.sampled_from([1, 1000]),
)
def test_units_are_of_one_client_and_key(rows: list[tuple[int, int, int]], apart: int) -> None:
    """Also where ids are far apart."""
    plain: dict[tuple[int, int], int] = defaultdict(int)
    for client, key, amount in rows:
        plain[client * apart, key] += amount
    columns = np.array(rows, np.int64).reshape(-1, 3).T
    units, clients, keys = client_units(columns[0] * apart, columns[1])
    there = np.bincount(units, minlength=len(clients)) > 0
    sums = np.bincount(units, columns[2], len(clients))
    found = list(zip(clients[there].tolist(), keys[there].tolist(), strict=True))
    assert len(set(found)) == len(found)
    assert dict(zip(found, sums[there].tolist(), strict=True)) == plain
