"""Formats a chain's figures for the console."""

from datetime import datetime

from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from core.shared.plans import PLAN_NAMES
from tenants.console.health import find_problems, get_figures
from tenants.models import Chain


def plan_label(chain: Chain) -> str:
    plan = chain.entitlements.plan if chain.allowance else ""
    return str(PLAN_NAMES.get(plan, plan)) or "–"


def health_marks(chain: Chain) -> SafeString:
    problems = find_problems(chain)
    if not problems:
        return mark("good", _("fine"))
    marks = ((mark("meant" if problem.is_intended else "bad", problem.text),) for problem in problems)
    return format_html_join(" ", "{}", marks)


def mark(tone: str, text: str) -> SafeString:
    return format_html('<span class="mark {}">{}</span>', tone, text)


def format_size(size: int | None) -> str:
    return "–" if size is None else filesizeformat(size)


def ago(at: datetime | None) -> str:
    return "–" if at is None else _("%s ago") % timesince(at, depth=1)


def version_label(chain: Chain) -> str:
    figures = get_figures(chain)
    if figures.migrations_missing:
        return _("%d behind") % figures.migrations_missing
    return _("current") if figures.schema_version else "–"
