"""Where, to whom and for what clients come back, as tables, a picture and files."""

from collections.abc import Iterator, Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.reporting.metrics.base import DetailCell, DetailTable
from core.reporting.next_visits import CategoryRow, Flows
from core.reporting.question import Question
from core.reporting.render.charts.flows import Bar, Part, flows_chart
from core.reporting.render.charts.renderer import chart
from core.reporting.render.charts.theme import LINE, SERIES, SHADE
from core.reporting.render.files import Cell, csv_of, xlsx_of
from core.reporting.statistics.proportions import is_small_sample, wilson
from core.shared.figures import count, interval, percent

# Categories on the page; a file has all.
SHOWN = 12


def _bars(found: Flows, question: Question) -> list[Bar]:
    """Where, unless only days at the same store count; and to whom."""
    where = Bar(
        _("First came back to"),
        found.repeats,
        [
            Part(_("the same store"), found.same_store, SERIES),
            Part(_("another store of the same city tier"), found.same_tier, SHADE),
            Part(_("elsewhere"), found.elsewhere, LINE),
        ],
    )
    who = Bar(
        _("Served again by"),
        found.named,
        [
            Part(_("the same person"), found.same_person, SERIES),
            Part(_("others only"), found.named - found.same_person, LINE),
        ],
    )
    return [bar for bar in ([where] if question.scope == "chain" else []) + [who] if bar.clients]


def flows_picture(found: Flows, question: Question) -> SafeString:
    bars = _bars(found, question)
    if not bars:
        return SafeString("")
    texts = [f"{part.label} {percent(part.clients / bar.clients)}" for bar in bars for part in bar.parts]
    return chart(lambda width: flows_chart(bars, width=width), label=", ".join(texts), broad=True)


def flows_table(found: Flows, question: Question) -> DetailTable:
    rows = [
        (
            f"{bar.title} {part.label}",
            [
                DetailCell(count(part.clients)),
                DetailCell(percent(part.clients / bar.clients), interval(wilson(part.clients, bar.clients))),
            ],
        )
        for bar in _bars(found, question)
        for part in bar.parts
    ]
    headings = ["", _("Clients"), _("Share of those who came back")]
    return DetailTable(_("Where clients come back"), headings, rows)


def categories_table(rows: Sequence[CategoryRow]) -> DetailTable:
    """The categories that most clients begin with, as rows and as columns."""
    shown = rows[:SHOWN]
    headings = [_("First visit for"), _("Clients"), _("Came back"), *(row.label for row in shown)]
    table = [
        (
            row.label,
            [
                DetailCell(count(row.clients), _("small sample") if is_small_sample(row.clients) else ""),
                _share(row.repeats, row.clients),
                *(_share(row.back.get(column.key, 0), row.clients, tinted=True) for column in shown),
            ],
        )
        for row in shown
    ]
    return DetailTable(_("What clients come back for"), headings, table, is_grid=True)


def _share(number: int, clients: int, *, tinted: bool = False) -> DetailCell:
    share = number / clients
    return DetailCell(percent(share), interval(wilson(number, clients)), tint=share if tinted else None)


def categories_file(rows: Sequence[CategoryRow], about: Sequence[tuple[str, Cell]], extension: str) -> bytes:
    """`extension`: csv or xlsx."""
    table = [*_file_rows(rows), [], *about]
    return csv_of(table) if extension == "csv" else xlsx_of(_("Categories"), table)


def _file_rows(rows: Sequence[CategoryRow]) -> Iterator[list[Cell]]:
    """A row for each pair of categories, those without any client left out; an empty second one: not back."""
    yield [
        _("First visit for"), _("Next visit for"), _("Clients who began so"), _("Clients"), _("Share"),
        _("Share, low"), _("Share, high"), _("Small sample"),
    ]  # fmt: skip
    labels = {row.key: row.label for row in rows}
    for row in rows:
        pairs = sorted(row.back.items(), key=lambda item: (-item[1], item[0]))
        for key, number in [*pairs, ("", row.clients - row.repeats)]:
            low, high = wilson(number, row.clients) or (0.0, 0.0)
            small = _("yes") if is_small_sample(row.clients) else ""
            following = labels.get(key, key) if key else _("did not come back")
            yield [row.label, following, row.clients, number, number / row.clients, low, high, small]
