"""Lines of invoices: what a period of a subscription costs."""

from deploy.development.standin import amounts
from deploy.development.standin.object_fields import Json, blank, new_id
from deploy.development.standin.state import State


def line(
    subscription: Json, item: Json, *, amount: int, description: str, period: tuple[int, int], **known: object
) -> Json:
    """A line of a subscription's item; `prorates` says that it settles a change."""
    prorates = bool(known.get("prorates"))
    quantity = known.get("quantity", item["quantity"])
    unit = known.get("unit_amount")
    return blank(
        "line_item",
        id=new_id("il"),
        amount=amount,
        currency=subscription["currency"],
        description=description,
        discount_amounts=[],
        discountable=True,
        discounts=[],
        metadata=dict(subscription["metadata"]),
        period={"start": period[0], "end": period[1]},
        quantity=quantity,
        quantity_decimal=str(quantity),
        parent={
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": prorates,
                "proration_details": {"credited_items": None},
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        pricing={
            "type": "price_details",
            "price_details": {"price": item["price"]["id"], "product": item["price"]["product"]},
            "unit_amount_decimal": None if unit is None else str(unit),
        },
        subscription=subscription["id"],
        subtotal=amount,
        taxes=[],
    )


def period_lines(state: State, subscription: Json) -> list[Json]:
    """What the current period costs: a line for each item and tier."""
    found = []
    for item in subscription["items"]["data"]:
        price = item["price"]
        period = (item["current_period_start"], item["current_period_end"])
        for part in amounts.parts(_whole(state, price), item["quantity"]):
            each = f"{amounts.money(part.unit_amount, price['currency'])} / {price['recurring']['interval']}"
            text = f"{part.quantity} × {product_name(state, price)} ({_tier(price, part)}at {each})"
            found.append(
                line(
                    subscription,
                    item,
                    amount=part.amount,
                    description=text,
                    period=period,
                    quantity=part.quantity,
                    unit_amount=part.unit_amount,
                )
            )
    return found


def _tier(price: Json, part: amounts.Part) -> str:
    if price["billing_scheme"] == "per_unit":
        return ""
    return f"{part.first} to {part.last}, " if part.last else f"{part.first} and up, "


def trial_lines(state: State, subscription: Json) -> list[Json]:
    return [
        line(
            subscription,
            item,
            amount=0,
            description=f"Trial period for {product_name(state, item['price'])}",
            period=(item["current_period_start"], item["current_period_end"]),
            unit_amount=0,
        )
        for item in subscription["items"]["data"]
    ]


def _whole(state: State, price: Json) -> Json:
    """With its tiers, which an item's copy does not show."""
    return state.get("price", price["id"])


def product_name(state: State, price: Json) -> str:
    return str(state.get("product", price["product"])["name"])
