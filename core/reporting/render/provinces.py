"""The tile grid of provinces: a tile for each, coloured by its value."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.reporting.data import Data
from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Estimate
from core.reporting.metrics.units import Unit
from core.reporting.provinces import PROVINCES, ByProvince, Province, by_province, has_provinces
from core.reporting.question import Question
from core.reporting.render import links
from core.shared.figures import count, interval

# As many tints as `report.css` has.
STEPS = 10


@dataclass(frozen=True)
class Tile:
    """`short` is what fits; without a `value` nobody came there."""

    province: Province
    short: str
    value: str = ""
    interval: str = ""
    clients: str = ""
    small_sample: bool = False
    css: str = ""
    # One level down.
    url: str = ""
    is_chosen: bool = False

    @property
    def number(self) -> str:
        """Without the sign of a percentage, where there is little room."""
        return self.value.removesuffix("%").rstrip()

    @property
    def description(self) -> str:
        """All of it in words."""
        if not self.value:
            return _("%(province)s: no clients") % {"province": self.province.name}
        parts = [
            f"{self.province.name}: {self.value}",
            _("95 %% interval %(interval)s") % {"interval": self.interval} if self.interval else "",
            _("%(count)s clients") % {"count": self.clients},
            _("small sample") if self.small_sample else "",
        ]
        return " · ".join(filter(None, parts))


def draws_provinces(question: Question, data: Data) -> bool:
    metric = METRICS[question.metric]
    return question.by in ("region", "city") and metric.kind in ("proportion", "count") and has_provinces(data)


def province_grid(
    question: Question, data: Data, *, url_of: Callable[[str], str] | None = None, chosen: str = ""
) -> dict[str, Any]:
    """What the partial `province_grid.html` shows; raises AppError as `by_province` does. `url_of` says where a
    province's tile leads, given its key; without it to its cities or stores. One may be `chosen`, for the table
    beside it."""
    found, unit = by_province(question, data), METRICS[question.metric].unit
    ranked = [one.value for one in found.provinces.values() if one.value is not None and not one.small_sample]
    ends = (min(ranked), max(ranked)) if ranked else None
    tiles = [
        replace(_tile(question, province, found, ends, url_of), is_chosen=province.key == chosen)
        for province in PROVINCES.values()
    ]
    return {
        "tiles": tiles,
        # Beside a table.
        "is_small": url_of is not None,
        "shown": sorted((tile for tile in tiles if tile.value), key=lambda tile: str(tile.province.name)),
        "ends": [unit.text(end) for end in ends] if ends else [],
        "has_small_samples": any(tile.small_sample for tile in tiles),
        "interval_title": _("Interval (95 %)") if unit.is_estimated else "",
        "steps": [f"tint{step}" for step in range(1, STEPS + 1)] if ends and ends[0] < ends[1] else [f"tint{STEPS}"],
        "elsewhere": _elsewhere(found, unit),
    }


def _tile(
    question: Question,
    province: Province,
    found: ByProvince,
    ends: tuple[float, float] | None,
    url_of: Callable[[str], str] | None,
) -> Tile:
    short = province.key if (get_language() or "").startswith("zh") else province.code
    estimate = found.provinces.get(province.key)
    if estimate is None or estimate.value is None:
        return Tile(province, short)
    unit = METRICS[question.metric].unit
    return Tile(
        province,
        short,
        value=unit.text(estimate.value),
        interval=interval(estimate.ci95) if estimate.ci95 else "",
        clients=count(estimate.clients),
        small_sample=estimate.small_sample,
        css=_tint(estimate, ends),
        url=url_of(province.key)
        if url_of
        else _down(question, found.cities[province.key], found.regions[province.key]),
    )


def _tint(estimate: Estimate, ends: tuple[float, float] | None) -> str:
    """From the lowest to the highest value; of a small sample none."""
    if ends is None or estimate.value is None or estimate.small_sample:
        return ""
    low, high = ends
    share = (estimate.value - low) / (high - low) if high > low else 1.0
    return f"tint{1 + round((STEPS - 1) * share)}"


def _down(question: Question, cities: Collection[str], regions: Collection[str]) -> str:
    """To the stores of a province's only city, else to the cities of its region."""
    if len(cities) == 1:
        return links.page("overview", question) + links.query(question, by="store", city=min(cities))
    if len(regions) == 1 and all(regions):
        return links.page("overview", question) + links.query(question, by="city", region=min(regions))
    return ""


def _elsewhere(found: ByProvince, unit: Unit) -> list[str]:
    """Cities that are in no province known: each with its value, so that none is left out unseen."""
    return [
        _("%(city)s: %(value)s") % {"city": city or _("no city"), "value": unit.text(one.value)}
        for city, one in sorted(found.elsewhere.items())
    ]
