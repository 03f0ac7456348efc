"""What a change within a period costs: unused time of the old is given back, remaining time of the new is charged."""

from deploy.development.standin import invoice_lines
from deploy.development.standin.amounts import amount, share
from deploy.development.standin.object_fields import Json
from deploy.development.standin.periods import day
from deploy.development.standin.state import State


def credit(state: State, subscription: Json, item: Json, moment: int) -> Json:
    """For the time from a moment to the end of the item's period, by the second."""
    start, end = item["current_period_start"], item["current_period_end"]
    whole = amount(state.get("price", item["price"]["id"]), item["quantity"])
    return _line(state, subscription, item, moment, -share(whole, end - moment, end - start), "Unused")


def charge(state: State, subscription: Json, item: Json, moment: int) -> Json:
    start, end = item["current_period_start"], item["current_period_end"]
    whole = amount(state.get("price", item["price"]["id"]), item["quantity"])
    return _line(state, subscription, item, moment, share(whole, end - moment, end - start), "Remaining")


def _line(state: State, subscription: Json, item: Json, moment: int, value: int, what: str) -> Json:
    name = invoice_lines.product_name(state, item["price"])
    quantity = f"{item['quantity']} × " if item["quantity"] != 1 else ""
    return invoice_lines.line(
        subscription,
        item,
        amount=value,
        description=f"{what} time on {quantity}{name} after {day(moment)}",
        period=(moment, item["current_period_end"]),
        prorates=True,
    )
