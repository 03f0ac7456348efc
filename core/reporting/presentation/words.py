"""Names of breakdowns, scopes and groups for people."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.reporting.report import Basis, Breakdown, Group, Scope

BREAKDOWN_TITLES: dict[Breakdown, Promise] = {
    "none": gettext_lazy("All clients"),
    "city_tier": gettext_lazy("City tier"),
    "region": gettext_lazy("Region"),
    "city": gettext_lazy("City"),
    "store": gettext_lazy("Store"),
    "category": gettext_lazy("Category"),
    "member_tier": gettext_lazy("Member tier"),
    "acquisition": gettext_lazy("New or returning"),
    "staff": gettext_lazy("Staff"),
}
BY_TITLES: dict[Breakdown, Promise] = {
    "none": gettext_lazy("All clients"),
    "city_tier": gettext_lazy("By city tier"),
    "region": gettext_lazy("By region"),
    "city": gettext_lazy("By city"),
    "store": gettext_lazy("By store"),
    "category": gettext_lazy("By service category"),
    "member_tier": gettext_lazy("By member tier"),
    "acquisition": gettext_lazy("New and returning clients"),
    "staff": gettext_lazy("By member of staff"),
}
# The groups as a sentence's subject.
SUBJECTS: dict[Breakdown, Promise] = {
    "city_tier": gettext_lazy("The city tiers"),
    "region": gettext_lazy("The regions"),
    "city": gettext_lazy("The cities"),
    "store": gettext_lazy("The stores"),
    "member_tier": gettext_lazy("The member tiers"),
    "acquisition": gettext_lazy("New and returning clients"),
    "staff": gettext_lazy("The members of staff"),
}
SCOPE_TITLES: dict[Scope, Promise] = {
    "chain": pgettext_lazy("scope", "Chain"),
    "store": pgettext_lazy("scope", "Same store"),
}
BASIS_TITLES: dict[Basis, Promise] = {
    "visit": pgettext_lazy("basis", "Visits"),
    "purchase": pgettext_lazy("basis", "Purchases"),
}


def native_name(group: Group, by: Breakdown) -> str:
    """The chain's own name of a city tier, where the label is another one."""
    return group.key if by == "city_tier" and group.label != group.key and not group.key.startswith("(") else ""


def adjusted_for(adjustment: str | None) -> str:
    """What adjusted rates are adjusted for, at the level reached."""
    words = {
        "full": _("category, new or returning, and time of the first visit"),
        "thirds_merged": _("category and new or returning"),
        "categories_merged": _("new or returning"),
    }
    return words.get(adjustment or "", "")
