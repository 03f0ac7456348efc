"""Names of the city tiers of the Chinese list, for people, in rank order."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CITY_TIERS: dict[str, Promise] = {
    "一线": _("First tier"),
    "新一线": _("New first tier"),
    "二线": _("Second tier"),
    "三线": _("Third tier"),
    "四线": _("Fourth tier"),
    "五线": _("Fifth tier"),
}


def tier_label(tier: str) -> str:
    """In the reader's language; a tier of the chain's own is called what the chain calls it."""
    return str(CITY_TIERS.get(tier, tier))


def tier_rank(tier: str) -> tuple[int, str]:
    """Sorts the known tiers from the first down, then others by name."""
    known = list(CITY_TIERS)
    return (known.index(tier), "") if tier in CITY_TIERS else (len(known), tier)
