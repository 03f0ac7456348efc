"""What figures are broken down by: keys, names and order of the groups, and where each leads."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from numpy.typing import NDArray

from core.catalogue.models import UNCATEGORISED, ServiceCategory
from core.membership.models import MemberTier
from core.reporting.cells import Cells
from core.reporting.counting import FactDimension
from core.reporting.places import Location, Places
from core.reporting.question import NONE_KEY, Breakdown
from core.staff.models import StaffMember
from core.stores.models import Store, StoreLocation
from core.stores.tiers import tier_label, tier_rank

# How rates of groups are made comparable: with the chain's mix of clients, or against what its clients give to expect.
Adjustment = Literal["direct", "indirect"]
# How groups that share no client are tested: made of stores, by the spread of these; others by chi-square.
Test = Literal["stores", "chi_square"]


@dataclass(frozen=True, slots=True)
class Name:
    """A group's stable key, its name for people, and the city tier it is, or for stores and staff is in now."""

    key: str
    label: str
    city_tier: str | None = None


Names = Mapping[str, Name]


_NONE = gettext_lazy("none")


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One breakdown."""

    code: Breakdown
    title: Promise
    # As a heading, and as the subject of a sentence.
    by_title: Promise
    subject: Promise
    # The column of facts that tells groups apart; or else the attribute of a place.
    fact: FactDimension = ""
    place: Callable[[Location], str] | None = None
    # Names by raw key: the id as text, or the key itself.
    names: Callable[[Iterable[str]], Names]
    # Whether a client may count in several groups, whatever the chain; store groups may overlap or not.
    overlaps: bool = False
    adjustment: Adjustment | None = None
    # Whether groups are of what clients are, not of where or what they bought.
    of_clients: bool = False
    # None also of stores and staff: how far they differ the funnel says.
    test: Test | None = None
    # The breakdown of the next level down.
    down: Breakdown | None = None
    # Whether groups have the colours of their city tiers.
    has_tier_colours: bool = False
    # What groups are ordered by, given their keys: never by their figures. What has none comes last.
    rank: Callable[[], Callable[[str], tuple[int, str]]] = lambda: lambda key: (int(key == NONE_KEY), key)
    # The name of what has none.
    none: Promise = _NONE

    @property
    def of_stores(self) -> bool:
        """Groups made of stores can be shown with the funnel of stores beside them."""
        return self.code == "none" or self.test == "stores" or self.place is not None

    def groups(self, cells: Cells, places: Places) -> tuple[list[str], NDArray[np.integer]]:
        """The raw keys there are, and for each cell which of them it is in; an empty key is none."""
        if self.code == "none":
            return ["all"], np.zeros(len(cells["location_id"]), np.int64)
        if self.code == "acquisition":
            # Lines without a client are neither.
            return ["returning", "new", ""], cells["is_new"]
        if self.place:
            keys, numbers = places.numbered(self.place)
            return keys, numbers[cells["location_id"]]
        ids, group = np.unique(cells["dimension"], return_inverse=True)
        return [str(one) if one else "" for one in ids.tolist()], group

    def named(self, raw_keys: Iterable[str]) -> dict[str, Name]:
        wanted = set(raw_keys)
        known = self.names(wanted - {""})
        return {raw: known.get(raw) or Name(NONE_KEY, str(self.none)) for raw in wanted}


def _as_they_are(keys: Iterable[str]) -> Names:
    return {key: Name(key, key) for key in keys}


def _fixed(**labels: Promise) -> Callable[[Iterable[str]], Names]:
    return lambda _keys: {key: Name(key, str(label)) for key, label in labels.items()}


def _tiers(keys: Iterable[str]) -> Names:
    return {key: Name(key, tier_label(key), key) for key in keys}


# All of the chain's are read: there are hardly more than the answer has groups, and a list of ids would cost more.
def _stores(_keys: Iterable[str]) -> Names:
    tiers = _current_tiers()
    return {
        str(pk): Name(code, name, tiers.get(pk)) for pk, code, name in Store.objects.values_list("pk", "code", "name")
    }


def _staff(_keys: Iterable[str]) -> Names:
    tiers = _current_tiers()
    staff = StaffMember.objects.values_list("pk", "code", "name", "store_id")
    return {str(pk): Name(code, name, tiers.get(store)) for pk, code, name, store in staff}


def _categories(_keys: Iterable[str]) -> Names:
    return {str(pk): Name(name, category_label(name)) for pk, name in ServiceCategory.objects.values_list("pk", "name")}


def _member_tiers(_keys: Iterable[str]) -> Names:
    return {str(pk): Name(code, name) for pk, code, name in MemberTier.objects.values_list("pk", "code", "name")}


def _current_tiers() -> dict[int, str]:
    """City tier by store id, by each store's last location."""
    return dict(StoreLocation.objects.order_by("valid_from").values_list("store_id", "city_tier"))


def category_label(name: str) -> str:
    return _("uncategorised") if name == UNCATEGORISED else name


def _member_tier_rank() -> Callable[[str], tuple[int, str]]:
    ranks = {code: rank for rank, code in enumerate(MemberTier.objects.values_list("code", flat=True))}
    return lambda key: (ranks.get(key, len(ranks)), key)


_ALL = (
    Dimension(
        code="none",
        title=gettext_lazy("All clients"),
        by_title=gettext_lazy("All clients"),
        subject=gettext_lazy("All clients"),
        names=_fixed(all=gettext_lazy("All clients")),
    ),
    Dimension(
        code="city_tier",
        none=gettext_lazy("Without a city tier"),
        title=gettext_lazy("City tier"),
        by_title=gettext_lazy("By city tier"),
        subject=gettext_lazy("The city tiers"),
        test="stores",
        place=lambda place: place.city_tier,
        names=_tiers,
        adjustment="direct",
        down="city",
        has_tier_colours=True,
        rank=lambda: tier_rank,
    ),
    Dimension(
        code="region",
        none=gettext_lazy("Without a region"),
        title=gettext_lazy("Region"),
        by_title=gettext_lazy("By region"),
        subject=gettext_lazy("The regions"),
        test="stores",
        place=lambda place: place.region,
        names=_as_they_are,
        adjustment="direct",
        down="city",
    ),
    Dimension(
        code="city",
        none=gettext_lazy("Without a city"),
        title=gettext_lazy("City"),
        by_title=gettext_lazy("By city"),
        subject=gettext_lazy("The cities"),
        test="stores",
        place=lambda place: place.city,
        names=_as_they_are,
        down="store",
    ),
    Dimension(
        code="store_group",
        none=gettext_lazy("Without a group"),
        title=gettext_lazy("Store group"),
        by_title=gettext_lazy("By store group"),
        subject=gettext_lazy("The store groups"),
        test="stores",
        names=_as_they_are,
        adjustment="direct",
        down="city",
    ),
    Dimension(
        code="store",
        title=gettext_lazy("Store"),
        by_title=gettext_lazy("By store"),
        subject=gettext_lazy("The stores"),
        place=lambda place: str(place.store_id),
        names=_stores,
        adjustment="indirect",
        has_tier_colours=True,
    ),
    Dimension(
        code="category",
        title=gettext_lazy("Category"),
        by_title=gettext_lazy("By service category"),
        subject=gettext_lazy("The categories"),
        fact="category",
        names=_categories,
        overlaps=True,
        down="city_tier",
    ),
    Dimension(
        code="member_tier",
        none=gettext_lazy("Without a member tier"),
        title=gettext_lazy("Member tier"),
        by_title=gettext_lazy("By member tier"),
        subject=gettext_lazy("The member tiers"),
        fact="member_tier",
        of_clients=True,
        test="chi_square",
        names=_member_tiers,
        down="city_tier",
        rank=_member_tier_rank,
    ),
    Dimension(
        code="acquisition",
        title=gettext_lazy("New or returning"),
        by_title=gettext_lazy("New and returning clients"),
        subject=gettext_lazy("New and returning clients"),
        test="chi_square",
        of_clients=True,
        names=_fixed(new=gettext_lazy("New clients"), returning=gettext_lazy("Returning clients")),
    ),
    Dimension(
        code="staff",
        none=gettext_lazy("Without staff"),
        title=gettext_lazy("Staff"),
        by_title=gettext_lazy("By member of staff"),
        subject=gettext_lazy("The members of staff"),
        fact="staff",
        of_clients=True,
        names=_staff,
        adjustment="indirect",
        has_tier_colours=True,
    ),
)
# Between the parts of a place's key: no name holds it.
WITHIN = "\N{SYMBOL FOR UNIT SEPARATOR}"


def _within(*parts: Breakdown) -> Dimension:
    """Places of the last kind within those of the others: a store that moved is one in each."""
    own = next(dimension for dimension in _ALL if dimension.code == parts[-1])
    places = [next(one.place for one in _ALL if one.code == part) for part in parts]

    def named(keys: Iterable[str]) -> Names:
        keys = list(keys)
        names = own.named(key.rpartition(WITHIN)[2] for key in keys)
        found = {}
        for key in keys:
            outer, _separator, last = key.rpartition(WITHIN)
            name = names[last]
            found[key] = Name(f"{outer}{WITHIN}{name.key}", name.label, name.city_tier)
        return found

    return replace(
        own,
        code=cast("Breakdown", "/".join(parts)),
        place=lambda place: WITHIN.join(one(place) if one else "" for one in places),
        names=named,
    )


DIMENSIONS: Mapping[Breakdown, Dimension] = {
    dimension.code: dimension
    for dimension in (
        *_ALL,
        _within("region", "city"),
        _within("region", "city", "store"),
        _within("city_tier", "city"),
        _within("city_tier", "city", "store"),
        # Groups are not of places: `grouping` puts them before the key.
        _within("store_group", "city"),
        _within("store_group", "city", "store"),
    )
}
