"""A question's figures by province of China, as the built-in list of cities has them: by the city of each place."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from core.reporting.cells import Cells
from core.reporting.compare.comparison import with_store_spread
from core.reporting.data import Data
from core.reporting.grouped_counts import GroupedCounts, grouped_counts
from core.reporting.metrics.base import Estimate
from core.reporting.question import Question
from core.stores.cities import province_of


@dataclass(frozen=True)
class Province:
    """Its name in the list of cities, its code (ISO 3166-2:CN), and its tile: row and column from 1."""

    key: str
    code: str
    name: Promise
    row: int
    column: int


# About where they lie: our own drawing, no map.
PROVINCES: Mapping[str, Province] = {
    key: Province(key, code, name, row, column)
    for key, code, name, row, column in (
        ("黑龙江", "HL", pgettext_lazy("province", "Heilongjiang"), 1, 8),
        ("内蒙古", "NM", pgettext_lazy("province", "Inner Mongolia"), 2, 5),
        ("吉林", "JL", pgettext_lazy("province", "Jilin"), 2, 8),
        ("新疆", "XJ", pgettext_lazy("province", "Xinjiang"), 3, 1),
        ("甘肃", "GS", pgettext_lazy("province", "Gansu"), 3, 3),
        ("宁夏", "NX", pgettext_lazy("province", "Ningxia"), 3, 4),
        ("山西", "SX", pgettext_lazy("province", "Shanxi"), 3, 5),
        ("北京", "BJ", pgettext_lazy("province", "Beijing"), 3, 6),
        ("天津", "TJ", pgettext_lazy("province", "Tianjin"), 3, 7),
        ("辽宁", "LN", pgettext_lazy("province", "Liaoning"), 3, 8),
        ("青海", "QH", pgettext_lazy("province", "Qinghai"), 4, 2),
        ("陕西", "SN", pgettext_lazy("province", "Shaanxi"), 4, 4),
        ("河南", "HA", pgettext_lazy("province", "Henan"), 4, 5),
        ("河北", "HE", pgettext_lazy("province", "Hebei"), 4, 6),
        ("山东", "SD", pgettext_lazy("province", "Shandong"), 4, 7),
        ("西藏", "XZ", pgettext_lazy("province", "Tibet"), 5, 1),
        ("四川", "SC", pgettext_lazy("province", "Sichuan"), 5, 3),
        ("重庆", "CQ", pgettext_lazy("province", "Chongqing"), 5, 4),
        ("湖北", "HB", pgettext_lazy("province", "Hubei"), 5, 5),
        ("安徽", "AH", pgettext_lazy("province", "Anhui"), 5, 6),
        ("江苏", "JS", pgettext_lazy("province", "Jiangsu"), 5, 7),
        ("上海", "SH", pgettext_lazy("province", "Shanghai"), 5, 8),
        ("云南", "YN", pgettext_lazy("province", "Yunnan"), 6, 3),
        ("贵州", "GZ", pgettext_lazy("province", "Guizhou"), 6, 4),
        ("湖南", "HN", pgettext_lazy("province", "Hunan"), 6, 5),
        ("江西", "JX", pgettext_lazy("province", "Jiangxi"), 6, 6),
        ("浙江", "ZJ", pgettext_lazy("province", "Zhejiang"), 6, 7),
        ("广西", "GX", pgettext_lazy("province", "Guangxi"), 7, 4),
        ("广东", "GD", pgettext_lazy("province", "Guangdong"), 7, 5),
        ("福建", "FJ", pgettext_lazy("province", "Fujian"), 7, 6),
        ("台湾", "TW", pgettext_lazy("province", "Taiwan"), 7, 7),
        ("海南", "HI", pgettext_lazy("province", "Hainan"), 8, 4),
        ("澳门", "MO", pgettext_lazy("province", "Macao"), 8, 5),
        ("香港", "HK", pgettext_lazy("province", "Hong Kong"), 8, 6),
    )
}


@dataclass(frozen=True)
class ByProvince:
    """Estimates by the provinces' keys, and by city (empty: none) of places that are in no province known."""

    provinces: Mapping[str, Estimate]
    elsewhere: Mapping[str, Estimate]
    # Cities and regions of the chain's places, by province.
    cities: Mapping[str, Collection[str]]
    regions: Mapping[str, Collection[str]]


def has_provinces(data: Data) -> bool:
    """Whether any store stands or stood in a province known."""
    return any(province_of(place.city) for place in data.places.by_id.values())


def by_province(question: Question, data: Data) -> ByProvince:
    """Raises AppError for a filter by something that the chain does not have."""
    by_city = grouped_counts(replace(question, by="city"), data)
    known = with_store_spread(_regrouped(by_city), scope=question.scope)
    cities: dict[str, set[str]] = defaultdict(set)
    regions: dict[str, set[str]] = defaultdict(set)
    for place in data.places.by_id.values():
        cities[_key(place.city)].add(place.city)
        regions[_key(place.city)].add(place.region)
    return ByProvince(
        {key: one for key, one in known.items() if key in PROVINCES},
        {key.removeprefix(_NO_PROVINCE): one for key, one in known.items() if key not in PROVINCES},
        cities,
        regions,
    )


# No province is called so.
_NO_PROVINCE = "\0"


def _key(city: str) -> str:
    return province_of(city) or _NO_PROVINCE + city


def _regrouped(by_city: GroupedCounts) -> GroupedCounts:
    """The same counts with provinces for groups."""
    of_city = [_key(city) for city in by_city.keys]
    keys = sorted(set(of_city))
    numbers = np.array([keys.index(key) for key in of_city], np.int64)

    def renamed(cells: Cells) -> Cells:
        return {**cells, "group": numbers[cells["group"]]} if cells else cells

    return replace(by_city, keys=keys, cells=renamed(by_city.cells), stores=renamed(by_city.stores))
