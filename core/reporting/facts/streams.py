"""The streams of days that rates are counted on: of a client in the chain or in a store, by visit or by purchase."""

from dataclasses import dataclass

from core.reporting.question import Basis, Scope


@dataclass(frozen=True)
class Stream:
    """Which columns of a fact (see `facts.derivation.FACT`) make up a stream."""

    # Flags that a row of the stream has.
    belongs: tuple[str, ...]
    is_new: str
    prev: str
    next: str
    next_location: str


STREAMS: dict[tuple[Scope, Basis], Stream] = {
    ("chain", "visit"): Stream(
        ("is_lead",), "is_first_visit", "chain_visit_prev", "chain_visit_next", "chain_visit_next_location_id"
    ),
    ("chain", "purchase"): Stream(
        ("is_lead", "is_chain_purchase"),
        "is_first_purchase",
        "chain_purchase_prev",
        "chain_purchase_next",
        "chain_purchase_next_location_id",
    ),
    ("store", "visit"): Stream(("is_visit",), "is_first_visit", "store_visit_prev", "store_visit_next", "location_id"),
    ("store", "purchase"): Stream(
        ("is_store_purchase",), "is_first_purchase", "store_purchase_prev", "store_purchase_next", "location_id"
    ),
}
