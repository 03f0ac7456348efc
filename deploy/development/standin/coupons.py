"""Coupons, the promotion codes people type for them, and the discounts they become."""

import secrets
from fractions import Fraction

from deploy.development.standin.amounts import share
from deploy.development.standin.errors import ApiError
from deploy.development.standin.events import emit
from deploy.development.standin.object_fields import Json, blank, new_id
from deploy.development.standin.params import Params
from deploy.development.standin.periods import add_months
from deploy.development.standin.state import State, now


def create(state: State, params: Params) -> Json:
    percent, off = params.text("percent_off"), params.number("amount_off")
    if (percent is None) == (off is None):
        raise ApiError("You must pass either percent_off or amount_off.", code="parameter_missing", param="percent_off")
    duration = params.choice("duration", ("once", "repeating", "forever"))
    found = params.text("id") or secrets.token_hex(4).upper()
    if state.find(found):
        raise ApiError(f"Coupon already exists: {found}", code="resource_already_exists", param="id")
    coupon = blank(
        "coupon",
        id=found,
        amount_off=off,
        created=now(state),
        currency=params.need("currency").lower() if off is not None else None,
        duration=duration,
        duration_in_months=params.need_number("duration_in_months") if duration == "repeating" else None,
        max_redemptions=params.number("max_redemptions"),
        metadata=params.metadata(),
        name=params.text("name"),
        percent_off=_percent(percent),
        redeem_by=params.number("redeem_by"),
        times_redeemed=0,
        valid=True,
    )
    state.add(coupon)
    emit(state, "coupon.created", coupon)
    return coupon


def _percent(text: str | None) -> float | int | None:
    if text is None:
        return None
    value = Fraction(text) if text.replace(".", "", 1).isdigit() else Fraction(0)
    if not 0 < value <= 100:
        raise ApiError("Invalid percent_off: must be above 0 and at most 100.", param="percent_off")
    return int(value) if value.denominator == 1 else float(value)


def update(state: State, params: Params, found: str) -> Json:
    coupon = state.get("coupon", found)
    coupon["metadata"] = params.metadata(coupon["metadata"])
    if "name" in params:
        coupon["name"] = params.text("name")
    emit(state, "coupon.updated", coupon)
    return coupon


def delete(state: State, params: Params, found: str) -> Json:
    """Discounts made of it stay."""
    coupon = state.get("coupon", found)
    emit(state, "coupon.deleted", coupon)
    state.remove(coupon)
    return {"id": found, "object": "coupon", "deleted": True}


def create_code(state: State, params: Params) -> Json:
    promotion = params.group("promotion")
    coupon = state.get("coupon", promotion.need("coupon"), param="promotion[coupon]")
    text = params.text("code") or secrets.token_hex(4).upper()
    if any(code["active"] and code["code"].upper() == text.upper() for code in state.seen("promotion_code")):
        raise ApiError("An active promotion code with this code already exists.", param="code")
    limits = params.group("restrictions")
    code = blank(
        "promotion_code",
        id=new_id("promo"),
        active=params.flag("active", default=True),
        code=text,
        created=now(state),
        customer=params.text("customer"),
        expires_at=params.number("expires_at"),
        max_redemptions=params.number("max_redemptions"),
        metadata=params.metadata(),
        restrictions={
            "first_time_transaction": limits.flag("first_time_transaction"),
            "minimum_amount": limits.number("minimum_amount"),
            "minimum_amount_currency": limits.text("minimum_amount_currency"),
        },
        times_redeemed=0,
        promotion={"coupon": coupon["id"], "type": "coupon"},
    )
    state.add(code)
    emit(state, "promotion_code.created", code)
    return code


def update_code(state: State, params: Params, found: str) -> Json:
    code = state.get("promotion_code", found)
    code["active"] = params.flag("active", default=code["active"])
    code["metadata"] = params.metadata(code["metadata"])
    emit(state, "promotion_code.updated", code)
    return code


def code_typed(state: State, text: str, customer: Json | None) -> Json:
    """The promotion code that somebody typed. Raises ApiError where it cannot be used."""
    for code in state.where("promotion_code"):
        if code["active"] and code["code"].upper() == text.strip().upper():
            check_code(state, code, customer)
            return code
    raise ApiError("This code is invalid.", param="promotion_code")


def check_code(state: State, code: Json, customer: Json | None) -> None:
    over = code["expires_at"] and code["expires_at"] <= now(state, customer)
    used = code["max_redemptions"] and code["times_redeemed"] >= code["max_redemptions"]
    foreign = code["customer"] and code["customer"] != (customer or {}).get("id")
    known = customer and state.where("invoice", customer=customer["id"], status="paid")
    late = known and code["restrictions"]["first_time_transaction"]
    if not code["active"] or over or used or foreign or late:
        raise ApiError("This promotion code cannot be redeemed.", code="promotion_code_invalid", param="promotion_code")


def redeem(state: State, given: Params, customer: Json, currency: str) -> Json:
    """A discount from `coupon`, `promotion_code`, or one that is there already. It is not tied to anything yet."""
    if (kept := given.text("discount")) is not None:
        return state.get("discount", kept, param="discount")
    code = None
    if (named := given.text("promotion_code")) is not None:
        code = state.get("promotion_code", named, param="promotion_code")
        check_code(state, code, customer)
    coupon = state.get("coupon", code["promotion"]["coupon"] if code else given.need("coupon"), param="coupon")
    _check_coupon(coupon, currency, now(state, customer))
    for used in (coupon, code):
        if used is not None:
            used["times_redeemed"] += 1
    limit = coupon["max_redemptions"]
    coupon["valid"] = limit is None or coupon["times_redeemed"] < limit
    start = now(state, customer)
    months = coupon["duration_in_months"]
    discount = blank(
        "discount",
        id=new_id("di"),
        customer=customer["id"],
        end=add_months(start, months) if months else None,
        promotion_code=code["id"] if code else None,
        start=start,
        source={"coupon": coupon["id"], "type": "coupon"},
        _coupon=dict(coupon),
    )
    return state.add(discount)


def _check_coupon(coupon: Json, currency: str, moment: int) -> None:
    if not coupon["valid"] or (coupon["redeem_by"] and coupon["redeem_by"] < moment):
        raise ApiError(f"Coupon expired: {coupon['id']}", code="coupon_expired", param="coupon")
    if coupon["currency"] not in {None, currency}:
        raise ApiError(f"The coupon's currency ({coupon['currency']}) is not {currency}.", param="coupon")


def running(state: State, subscription: Json, moment: int) -> list[Json]:
    """The discounts of a subscription that count at a moment; those that are over are taken off it."""
    found = [discount for name in subscription["discounts"] if (discount := state.find(name))]
    kept = [discount for discount in found if discount["end"] is None or discount["end"] > moment]
    subscription["discounts"] = [discount["id"] for discount in kept]
    return kept


def used_up(subscription: Json, discounts: list[Json]) -> None:
    """Those for one invoice alone are taken off after it."""
    once = {discount["id"] for discount in discounts if discount["_coupon"]["duration"] == "once"}
    subscription["discounts"] = [name for name in subscription["discounts"] if name not in once]


def apply(lines: list[Json], discounts: list[Json]) -> list[Json]:
    """Writes each line's part and gives the totals, one for each discount."""
    left = [line["amount"] for line in lines]
    totals = []
    for discount in discounts:
        parts = _parts(left, discount["_coupon"])
        for place, (line, part) in enumerate(zip(lines, parts, strict=True)):
            line["discount_amounts"].append({"amount": part, "discount": discount["id"]})
            left[place] -= part
        totals.append({"amount": sum(parts), "discount": discount["id"]})
    return totals


def _parts(amounts: list[int], coupon: Json) -> list[int]:
    if coupon["percent_off"] is not None:
        rate = Fraction(str(coupon["percent_off"])) / 100
        return [share(amount, rate.numerator, rate.denominator) for amount in amounts]
    positive = [max(0, amount) for amount in amounts]
    whole = sum(positive)
    off = max(0, min(coupon["amount_off"], sum(amounts)))
    if not whole:
        return [0] * len(amounts)
    # By running sums, so that the parts add up to the whole exactly.
    found, seen, given = [], 0, 0
    for amount in positive:
        seen += amount
        found.append(share(off, seen, whole) - given)
        given += found[-1]
    return found


def given_off(coupon: Json) -> str:
    """For people."""
    from deploy.development.standin.amounts import money

    if coupon["percent_off"] is not None:
        return f"{coupon['percent_off']} % off"
    return f"{money(coupon['amount_off'], coupon['currency'])} off"
