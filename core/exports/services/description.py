"""What the archive says of itself: how to read it, and what each column holds."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.exports.tables import CURRENCY, TABLES
from core.reporting.completeness import completeness
from core.shared import figures
from core.shared.chain import chain_today, current_chain
from core.shared.spreadsheets import csv_line

# The repurchase rate of 2025, as `revisit report` has it.
_EXAMPLE = """\
SELECT avg((days > 1)::int) FROM (
    SELECT client_id, count(DISTINCT day) AS days FROM 'parquet/visit_days.parquet'
    WHERE is_visit_day AND day >= '2025-01-01' AND day < '2026-01-01' GROUP BY client_id)"""


def readme(rows: Mapping[str, int], *, personal: bool) -> str:
    chain, as_of = current_chain(), completeness().as_of
    facts = [
        (_("Exported on"), figures.day(chain_today())),
        (_("Data complete to"), figures.day(as_of) if as_of else "–"),
        (_("Currency of all amounts"), chain.currency),
        (_("Time zone"), chain.time_zone),
    ]
    privacy = (
        _("Names, phones and other personal data are included. Keep the files safe and delete them after use.")
        if personal
        else _("Clients and staff are codes that stay the same from export to export. Names and phones are left out.")
    )
    conventions = [
        _("`csv/` and `parquet/` hold the same tables. `dictionary.csv` explains every column."),
        _("CSV is UTF-8 with a byte order mark; an apostrophe stands before text that a spreadsheet would run."),
        _("Dates are year-month-day, in the store’s local time. Empty means not known or none."),
        _("Voided visits are left out. Merged records appear once."),
        privacy,
    ]
    tables = [f"| {table.name} | {figures.count(rows[table.name])} | {table.about} |" for table in TABLES]
    return "\n".join(
        [
            f"# {chain.name}",
            "",
            *(f"- {name}: {value}" for name, value in facts),
            "",
            *(f"- {text}" for text in conventions),
            "",
            f"| {_('Table')} | {_('Rows')} | {_('Contents')} |",
            "| --- | ---: | --- |",
            *tables,
            "",
            _("Example for DuckDB: the repurchase rate of 2025."),
            "",
            "```sql",
            _EXAMPLE,
            "```",
            "",
        ]
    )


def data_dictionary(*, personal: bool) -> str:
    """A CSV file with a row for each column."""
    currency = current_chain().currency
    lines = [csv_line([_("Table"), _("Column"), _("Type"), _("Unit"), _("Contents")])]
    for table in TABLES:
        for column in table.shown(personal=personal):
            unit = currency if column.unit == CURRENCY else str(column.unit)
            lines.append(csv_line([table.name, column.name, column.type, unit, str(column.meaning)]))
    return "".join(lines)
