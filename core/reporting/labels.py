"""Stable keys and people's names of the groups a question is broken down by."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.catalogue.models import UNCATEGORISED, ServiceCategory
from core.membership.models import MemberTier
from core.reporting.report import NONE_KEY, Breakdown
from core.staff.models import StaffMember
from core.stores.models import Store, StoreLocation
from core.stores.tiers import tier_label


@dataclass(frozen=True, slots=True)
class Name:
    key: str
    label: str
    # Of stores and staff: the tier of the city they stand in now.
    city_tier: str | None = None


def names(by: Breakdown, raw_keys: set[str]) -> dict[str, Name]:
    """Names of the raw keys of cells (ids as text, or the key itself; empty for none)."""
    known = _known(by, raw_keys - {""})
    return {raw: known.get(raw) or Name(NONE_KEY, _("none")) for raw in raw_keys}


def _known(by: Breakdown, raw_keys: set[str]) -> dict[str, Name]:
    readers: dict[Breakdown, Callable[[set[str]], dict[str, Name]]] = {
        "none": lambda _keys: {"all": Name("all", _("All clients"))},
        "city_tier": lambda keys: {key: Name(key, tier_label(key), key) for key in keys},
        "region": lambda keys: {key: Name(key, key) for key in keys},
        "city": lambda keys: {key: Name(key, key) for key in keys},
        "store": _stores,
        "staff": _staff,
        "category": _categories,
        "member_tier": _member_tiers,
        "acquisition": lambda _keys: {
            "new": Name("new", _("New clients")),
            "returning": Name("returning", _("Returning clients")),
        },
    }
    return readers[by](raw_keys)


def _ids(keys: set[str]) -> list[int]:
    return [int(key) for key in keys]


def _stores(keys: set[str]) -> dict[str, Name]:
    tiers = _current_tiers()
    return {str(s.pk): Name(s.code, s.name, tiers.get(s.pk)) for s in Store.objects.filter(id__in=_ids(keys))}


def _staff(keys: set[str]) -> dict[str, Name]:
    tiers = _current_tiers()
    staff = StaffMember.objects.filter(id__in=_ids(keys))
    return {str(member.pk): Name(member.code, member.name, tiers.get(member.store_id)) for member in staff}


def _categories(keys: set[str]) -> dict[str, Name]:
    categories = ServiceCategory.objects.filter(id__in=_ids(keys))
    return {str(category.pk): Name(category.name, _category_label(category.name)) for category in categories}


def _member_tiers(keys: set[str]) -> dict[str, Name]:
    return {str(tier.pk): Name(tier.code, tier.name) for tier in MemberTier.objects.filter(id__in=_ids(keys))}


def _category_label(name: str) -> str:
    return _("uncategorised") if name == UNCATEGORISED else name


def _current_tiers() -> dict[int, str]:
    """City tier by store id, by each store's last location."""
    return dict(StoreLocation.objects.order_by("valid_from").values_list("store_id", "city_tier"))
