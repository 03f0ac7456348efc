"""Brings what clients have left on course cards and in stored value in."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.balances.models import OpeningBalance
from core.balances.services.loading import find_balances, load_balances
from core.imports.services.chunks import Chunk
from core.imports.services.context import ImportContext
from core.imports.services.kinds.client_records import ClientRecordImport
from core.imports.services.results import Finding
from core.imports.services.values.memo import NOTHING, Problem
from core.shared.errors import AppError

LEFT = ("times_left", "amount_left", "bonus_left")


class BalanceImport(ClientRecordImport):
    model = OpeningBalance
    needs_client, needs_store = True, False

    def __init__(self, context: ImportContext) -> None:
        super().__init__(context)
        self._left = [name for name in LEFT if context.has(name)]
        if not self._left:
            message = _("No column says how many times or what amount is left. Choose it at the column that holds it.")
            raise AppError("missing_columns", message, field="map", missing=LEFT[:2])

    def extra_values(self, chunk: Chunk, values: Mapping[str, list[str]]) -> dict[str, list[str]]:
        columns = [chunk.cells[name] for name in self._left]
        for index, cells in enumerate(zip(*columns, strict=True)):
            if index not in chunk.bad and all(cell.strip().casefold() in NOTHING for cell in cells):
                problem = Problem("missing_value", _("What is left has to be said: 0 where nothing is."))
                chunk.flag_row(index, self._left[0], problem, cells[0])
        return super().extra_values(chunk, values)

    def check(self) -> None:
        super().check()
        message = _("Balances are kept with the clients’ records; they count in no figure.")
        self.context.findings.append(Finding("note", "kept_only", message, rows=self.context.rows))

    def match(self) -> None:
        find_balances(self.staging, self.said())

    def write(self) -> None:
        self.make_stubs()
        load_balances(self.staging, self.said(), kind=self._kind)

    @property
    def _kind(self) -> str:
        """A card without a number of times that has no amount either holds until it expires."""
        signs = [f"coalesce(i.{name}, 0) <> 0" for name in ("times_left", "times_bought") if self.context.has(name)]
        amounts = [f"i.{name} IS NULL" for name in ("amount_left", "bonus_left") if self.context.has(name)]
        signs.append(f"({' AND '.join(amounts)})" if amounts else "true")
        return f"CASE WHEN {' OR '.join(signs)} THEN 'times' ELSE 'amount' END"
