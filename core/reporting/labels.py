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


def keys_of(by: Breakdown, raw_keys: set[str]) -> dict[str, str]:
    """Their keys alone."""
    if by == "store":
        codes = {str(pk): code for pk, code in Store.objects.values_list("pk", "code")}
        return {raw: codes.get(raw, NONE_KEY) for raw in raw_keys}
    return {raw: name.key for raw, name in names(by, raw_keys).items()}


def _known(by: Breakdown, raw_keys: set[str]) -> dict[str, Name]:
    readers: dict[Breakdown, Callable[[set[str]], dict[str, Name]]] = {
        "none": lambda _keys: {"all": Name("all", _("All clients"))},
        "city_tier": lambda keys: {key: Name(key, tier_label(key), key) for key in keys},
        "region": lambda keys: {key: Name(key, key) for key in keys},
        "city": lambda keys: {key: Name(key, key) for key in keys},
        "store": lambda _keys: _stores(),
        "staff": lambda _keys: _staff(),
        "category": lambda _keys: _categories(),
        "member_tier": lambda _keys: _member_tiers(),
        "acquisition": lambda _keys: {
            "new": Name("new", _("New clients")),
            "returning": Name("returning", _("Returning clients")),
        },
    }
    return readers[by](raw_keys)


# All of the chain's are read: there are hardly more than the answer has groups, and a list of ids would cost more.
def _stores() -> dict[str, Name]:
    tiers = _current_tiers()
    return {
        str(pk): Name(code, name, tiers.get(pk)) for pk, code, name in Store.objects.values_list("pk", "code", "name")
    }


def _staff() -> dict[str, Name]:
    tiers = _current_tiers()
    staff = StaffMember.objects.values_list("pk", "code", "name", "store_id")
    return {str(pk): Name(code, name, tiers.get(store)) for pk, code, name, store in staff}


def _categories() -> dict[str, Name]:
    categories = ServiceCategory.objects.values_list("pk", "name")
    return {str(pk): Name(name, _category_label(name)) for pk, name in categories}


def _member_tiers() -> dict[str, Name]:
    tiers = MemberTier.objects.values_list("pk", "code", "name")
    return {str(pk): Name(code, name) for pk, code, name in tiers}


def _category_label(name: str) -> str:
    return _("uncategorised") if name == UNCATEGORISED else name


def _current_tiers() -> dict[int, str]:
    """City tier by store id, by each store's last location."""
    return dict(StoreLocation.objects.order_by("valid_from").values_list("store_id", "city_tier"))
