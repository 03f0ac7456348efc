"""Which tier and region a city counts to: the chain's own word, else the built-in list of Chinese cities."""

import csv
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from core.stores.models import City

# The list is of the year 2025.
_PEOPLES = "朝鲜|土家|苗|黎|藏|羌|彝|布依|侗|哈尼|壮|傣|白|景颇|傈僳|回|蒙古|柯尔克孜|哈萨克"
_ENDING = re.compile(rf"(?:(?:(?:{_PEOPLES})族?){{1,6}}自治[州县]|地区|林区|市|盟|县)$")
# The list is of the mainland.
_BEYOND_THE_LIST = {
    "香港": "香港",
    "澳门": "澳门",
    **dict.fromkeys(("台北", "新北", "桃园", "台中", "台南", "高雄", "基隆", "新竹", "嘉义"), "台湾"),
}
# Near misses are not looked for of longer texts.
LONGEST_NAME = 100


@dataclass(frozen=True)
class Place:
    """A city as reports name it, and what it counts to."""

    city: str
    city_tier: str
    region: str


@cache
def _rows() -> list[dict[str, str]]:
    source = files("core.stores") / "data" / "china_cities_2025.csv"
    with source.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def built_in() -> dict[str, Place]:
    """The list's cities by short name (北京, not 北京市)."""
    return {short_name(row["city"]): Place(short_name(row["city"]), row["tier"], row["region"]) for row in _rows()}


@cache
def _provinces() -> dict[str, str]:
    return {**{short_name(row["city"]): row["province"] for row in _rows()}, **_BEYOND_THE_LIST}


def province_of(city: str) -> str:
    """Of a city of China; empty where the city is not known."""
    return _provinces().get(short_name(city), "")


def short_name(city: str) -> str:
    """Without the word for what kind of place it is: 北京市 → 北京, 大理白族自治州 → 大理."""
    trimmed = city.strip()
    short = _ENDING.sub("", trimmed)
    return short if len(short) > 1 else trimmed


class Cities:
    """What the chain knows of cities, looked up once."""

    def __init__(self) -> None:
        self._own = {city.name: Place(city.name, city.tier, city.region) for city in City.objects.all()}

    def find(self, name: str) -> Place | None:
        name = name.strip()
        return self._own.get(name) or self._own.get(short_name(name)) or built_in().get(short_name(name))

    def place(self, name: str, city_tier: str, region: str) -> Place | None:
        """With the tier and region given, else what is known of the city; None where neither says both."""
        known = self.find(name)
        if known is not None:
            return Place(known.city, city_tier or known.city_tier, region or known.region)
        return Place(name, city_tier, region) if name and city_tier and region else None

    def near(self, name: str) -> list[str]:
        """Known cities whose names look like it, best first."""
        if len(name) > LONGEST_NAME:
            return []
        known = {place.casefold(): place for place in [*built_in(), *self._own]}
        by_letters = get_close_matches(short_name(name).casefold(), known, n=3, cutoff=0.5)
        return [known[found] for found in by_letters]
