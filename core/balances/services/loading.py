"""Balances, as files bring them."""

from collections.abc import Collection, Mapping
from itertools import combinations

from core.balances.models import OpeningBalance
from core.shared.bulk_matching import match_in_order
from core.shared.bulk_writes import Staging, upsert

# By column that tells the balances of a client apart: what stands for none. All but the first may be left open.
_APART = {"item": "''", "card_number": "''", "bought_on": "'infinity'", "service_id": "0"}
# By column of the model, what the staged row `i` says.
Columns = Mapping[str, str]


def find_balances(staging: Staging, columns: Columns) -> None:
    """Sets `known` of each row that is there: by client and by what is said of item, card, day and service.

    What the file or an earlier one leaves open of a balance makes it no other one.
    """
    _match(staging, columns)
    open_ones = [name for name in _APART if name in columns and name != "item"]
    for number in range(1, len(open_ones) + 1):
        for unsaid in combinations(open_ones, number):
            if not _some_are_open(staging, columns):
                return
            _match(staging, columns, unsaid, records=" AND ".join(map(_is_unsaid, unsaid)))
            _match(staging, columns, unsaid, rows=" AND ".join(f"{columns[name]} IS NULL" for name in unsaid))


def _match(
    staging: Staging, columns: Columns, unsaid: Collection[str] = (), *, rows: str = "true", records: str = "true"
) -> None:
    same = {"m.client_id": columns["client_id"]}
    for name, none in _APART.items():
        if name in columns and name not in unsaid:
            same[f"coalesce(m.{name}, {none})"] = f"coalesce({columns[name]}, {none})"
    match_in_order(staging, OpeningBalance, same, narrow=["m.client_id"], rows=rows, records=records)


def _is_unsaid(name: str) -> str:
    return f"coalesce(m.{name}, {_APART[name]}) = {_APART[name]}"


def _some_are_open(staging: Staging, columns: Columns) -> bool:
    """Rows of clients who have balances."""
    staging.cursor.execute(
        f"SELECT EXISTS (SELECT FROM {staging.rows} i JOIN balances_openingbalance m "  # noqa: S608
        f"ON m.client_id = {columns['client_id']} WHERE NOT i.bad AND i.known IS NULL)"
    )
    return bool(staging.cursor.fetchone()[0])


def load_balances(staging: Staging, columns: Columns, *, kind: str) -> None:
    """Rows with `known` say anew what is left; `kind` is what a new balance is that the row does not say."""
    said = columns.get("kind")
    fresh = {"kind": f"coalesce({said}, {kind})" if said else kind}
    upsert(staging, OpeningBalance, match="m.id = i.known", columns=columns, key=[], fresh=fresh)
