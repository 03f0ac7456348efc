"""Who the rows of a visits file are of: known clients, new ones, or nobody."""

from collections.abc import Sequence
from itertools import compress

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.imports.services.chunks import Chunk
from core.imports.services.context import ImportContext
from core.imports.services.kinds import visit_staging
from core.imports.services.kinds.client_columns import NUMBER, ClientColumns
from core.imports.services.kinds.client_keys import prepare_keys
from core.imports.services.kinds.client_register import make_and_complete
from core.imports.services.kinds.client_twins import ClientRows, settle_clients
from core.imports.services.kinds.nobody import KeysOfSomebody, Nobody, who_is
from core.imports.services.results import Finding
from core.imports.services.values.memo import NULL

# A client with so large a share of the lines is unusual, where there are so many lines and so many other clients.
UNUSUAL_SHARE, UNUSUAL_LINES, OTHER_CLIENTS = 0.25, 20, 5


class VisitClients:
    def __init__(self, context: ImportContext) -> None:
        self.context = context
        self._per_store = context.options.client_ref_per_store
        prepare_keys(context.cursor)
        self.columns = ClientColumns(context)
        self._nobody = Nobody(context)
        self._keys = KeysOfSomebody(self._nobody)
        # Some numbers are not written as their keys are.
        self._spelled = False

    def stage(self, chunk: Chunk, values: dict[str, Sequence[str]]) -> dict[str, Sequence[str]]:
        """The values of a chunk with clients as `visit_staging` has them."""
        if not self.columns.key:
            return values
        cells = self._without_walk_ins(chunk, self.columns.cells(chunk))
        keys, written = self._keys.read(cells), self.columns.written(cells, values)
        if NULL in written:
            # Cells that were read as empty name nobody.
            keys = [NULL if text == NULL else key for key, text in zip(keys, written, strict=True)]
        if keys == written:
            return {**values, "client": keys}
        self._nobody.count(list(compress(cells, (key == NULL for key in keys))))
        self._spelled = True
        spelled = [NULL if key in (text, NULL) else text for key, text in zip(keys, written, strict=True)]
        return {**values, "client": keys, "client_as": spelled}

    def _without_walk_ins(self, chunk: Chunk, cells: Sequence[str]) -> Sequence[str]:
        """The till's number of its client for walk-ins: a word such as 散客 stands beside it, as the name."""
        names = chunk.cells.get("client_name", ()) if self.columns.key == NUMBER else ()
        walk_ins = {name for name in set(names) if self._nobody.is_walk_in(name)}
        if not walk_ins:
            return cells
        return [name if name in walk_ins else cell for cell, name in zip(cells, names, strict=True)]

    def gather(self) -> None:
        """Once all lines are staged: asks what is not certain, and makes those who are missing."""
        visit_staging.take_former_numbers(self.context.cursor, per_store=self._per_store)
        self._gather()
        if not self.columns.key:
            return
        self.columns.ask()
        self._nobody.ask()
        self._ask_unusual()
        numbered = self.columns.key == NUMBER and self.context.has("client_phone")
        rows = ClientRows(
            "import_line",
            "client",
            "store_id",
            self._gather,
            written="client_as",
            name="i.client_name",
            phone="i.client_phone" if numbered else "",
        )
        settle_clients(self.context, rows)
        self._tell_spellings()
        self.columns.people.tell()
        make_and_complete(
            self.context,
            known="SELECT client_id FROM import_client",
            make=lambda: visit_staging.make_clients(self.context.cursor),
            details=self.columns.query_of_details(),
        )

    def _gather(self) -> None:
        visit_staging.gather_clients(
            self.context.cursor, lines=self.context.rows, per_store=self._per_store, spelled=self._spelled
        )

    def _ask_unusual(self) -> None:
        """Tills that need a client for every sale have one for all who do not say who they are."""
        cursor, rows = self.context.cursor, self.context.rows
        cursor.execute("SELECT ref, lines, count(*) OVER () FROM import_client ORDER BY lines DESC, ref LIMIT 1")
        for ref, lines, clients in cursor.fetchall():
            if lines >= max(UNUSUAL_LINES, UNUSUAL_SHARE * rows) and clients > OTHER_CLIENTS:
                message = _("The client has %(lines)d of the %(rows)d rows; there are %(others)d other clients.")
                values = {"lines": lines, "rows": rows, "others": clients - 1}
                self.context.questions.ask(who_is(ref, rows=lines, examples=(message % values,)))

    def _tell_spellings(self) -> None:
        if not self._spelled:
            return
        count, examples = visit_staging.spellings(self.context.cursor)
        if count:
            message = ngettext(
                "%d client is written in more than one way, and counts as one.",
                "%d clients are written in more than one way, and count as one each.",
                count,
            )
            effect = _("Client numbers, phones and names are compared without regard to spaces, width and case.")
            self.context.findings.append(
                Finding("note", "client_spellings", message % count, rows=count, examples=examples, effect=effect)
            )
