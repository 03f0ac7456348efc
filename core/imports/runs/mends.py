"""What was found, each kind with where the page corrects it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.imports.services.files.sieve import FOOTER, OPEN_QUOTE, REPEATED, TOTAL

# Findings on which rows are read, and from which sheet.
_OF_LAYOUT = {"rows_above", "sheet_chosen", REPEATED, TOTAL, FOOTER, OPEN_QUOTE}
_OF_OPTIONS = {"left_out", "no_visit"}


def with_mends(findings: Sequence[Mapping[str, Any]], fields: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each with a `mend`, where there is one: the id of the place on the page, and its label. `fields` are the ids of
    the columns' fields by heading."""
    return [{**finding, "mend": _mend(finding, fields)} for finding in findings]


def _mend(finding: Mapping[str, Any], fields: Mapping[str, str]) -> tuple[str, str] | None:
    if finding["code"] in _OF_LAYOUT:
        return "layout", _("Change which rows are read")
    if finding["code"] in _OF_OPTIONS:
        return "options", _("Change what is left out")
    if finding["code"] == "ignored_columns":
        return "columns", _("Change what the columns mean")
    if finding.get("column") in fields and finding["level"] != "note":
        return fields[finding["column"]], _("Change what the column means")
    return None
