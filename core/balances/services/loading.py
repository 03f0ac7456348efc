"""Balances, as files bring them."""

from collections.abc import Mapping
from itertools import combinations

from core.balances.models import OpeningBalance
from core.shared.bulk_matching import match_in_order
from core.shared.bulk_writes import Staging, upsert

# By column that tells the balances of a client apart: what stands for none.
_APART = {"item": "''", "card_number": "''", "bought_on": "'infinity'", "service_id": "0"}
# By column of the model, what the staged row `i` says.
Columns = Mapping[str, str]


def find_balances(staging: Staging, columns: Columns) -> None:
    """Sets `known` of each row that is there: by client and by what is said of item, card, day and service.

    What the file or an earlier one leaves open of a balance makes it no other one.
    """
    apart = {name: none for name, none in _APART.items() if name in columns}
    for number in range(len(apart) + 1):
        for unsaid in combinations(apart, number):
            said = [name for name in apart if name not in unsaid]
            same = {f"coalesce(m.{name}, {apart[name]})": f"coalesce({columns[name]}, {apart[name]})" for name in said}
            same = {"m.client_id": columns["client_id"], **same}
            of_records = [f"coalesce(m.{name}, {apart[name]}) = {apart[name]}" for name in unsaid]
            of_rows = [f"{columns[name]} IS NULL" for name in unsaid]
            for rows, records in (([], of_records), (of_rows, [])) if unsaid else (([], []),):
                match_in_order(
                    staging,
                    OpeningBalance,
                    same,
                    narrow=["m.client_id"],
                    rows=" AND ".join(rows) or "true",
                    records=" AND ".join(records) or "true",
                )


def load_balances(staging: Staging, columns: Columns, *, kind: str) -> None:
    """Rows with `known` say anew what is left; `kind` is what a new balance is that the row does not say."""
    said = columns.get("kind")
    fresh = {"kind": f"coalesce({said}, {kind})" if said else kind}
    upsert(staging, OpeningBalance, match="m.id = i.known", columns=columns, key=[], fresh=fresh)
