"""Figures of a chain as the console writes them."""

from datetime import datetime

from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from core.shared.plans import PLAN_NAMES
from tenants.console.health import figures_of, troubles_of
from tenants.models import Chain


def plan_of(chain: Chain) -> str:
    plan = chain.entitlements.plan if chain.allowance else ""
    return str(PLAN_NAMES.get(plan, plan)) or "–"


def health_marks(chain: Chain) -> SafeString:
    found = troubles_of(chain)
    if not found:
        return format_html('<span class="mark good">{}</span>', _("fine"))
    rows = (("meant" if trouble.is_meant else "bad", trouble.text) for trouble in found)
    return format_html_join(" ", '<span class="mark {}">{}</span>', rows)


def size_of(size: int | None) -> str:
    return "–" if size is None else filesizeformat(size)


def ago(at: datetime | None) -> str:
    return "–" if at is None else _("%s ago") % timesince(at, depth=1)


def version_of(chain: Chain) -> str:
    figures = figures_of(chain)
    if figures.migrations_missing:
        return _("%d behind") % figures.migrations_missing
    return _("current") if figures.schema_version else "–"
