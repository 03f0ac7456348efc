"""Products and prices."""

from deploy.development.standin.errors import ApiError
from deploy.development.standin.events import emit
from deploy.development.standin.object_fields import Json, blank, new_id
from deploy.development.standin.params import Params
from deploy.development.standin.state import State, now


def create_product(state: State, params: Params) -> Json:
    found = params.text("id") or new_id("prod", 14)
    if state.find(found):
        raise ApiError(f"Product already exists: {found}", code="resource_already_exists", param="id")
    product = blank(
        "product",
        id=found,
        active=params.flag("active", default=True),
        created=now(state),
        updated=now(state),
        name=params.need("name"),
        description=params.text("description"),
        images=[],
        marketing_features=[],
        metadata=params.metadata(),
        unit_label=params.text("unit_label"),
        statement_descriptor=params.text("statement_descriptor"),
        tax_code=params.text("tax_code"),
        url=params.text("url"),
        type="service",
    )
    state.add(product)
    emit(state, "product.created", product)
    return product


def update_product(state: State, params: Params, found: str) -> Json:
    product = state.get("product", found)
    for name in ("name", "description", "unit_label", "statement_descriptor", "default_price", "tax_code", "url"):
        if name in params:
            product[name] = params.text(name)
    product["active"] = params.flag("active", default=product["active"])
    product["metadata"] = params.metadata(product["metadata"])
    if product != state.before(found):
        product["updated"] = now(state)
    emit(state, "product.updated", product)
    return product


def create_price(state: State, params: Params) -> Json:
    product = params.text("product")
    if product is None:
        product = create_product(state, params.group("product_data"))["id"]
    state.get("product", product, param="product")
    tiers = _tiers(params)
    recurring = _recurring(params) if "recurring" in params else None
    unit = None if tiers else params.need_number("unit_amount")
    price = blank(
        "price",
        id=new_id("price"),
        active=params.flag("active", default=True),
        billing_scheme="tiered" if tiers else "per_unit",
        created=now(state),
        currency=params.need("currency").lower(),
        metadata=params.metadata(),
        nickname=params.text("nickname"),
        product=product,
        recurring=recurring,
        tax_behavior=params.text("tax_behavior") or "unspecified",
        tiers_mode=params.choice("tiers_mode", ("graduated", "volume")) if tiers else None,
        type="recurring" if recurring else "one_time",
        unit_amount=unit,
        unit_amount_decimal=None if unit is None else str(unit),
        _tiers=tiers,
    )
    _take_lookup_key(state, price, params)
    state.add(price)
    emit(state, "price.created", price)
    return price


def _recurring(params: Params) -> Json:
    recurring = params.group("recurring")
    recurring.need("interval")
    return {
        "interval": recurring.choice("interval", ("month", "year", "week", "day")),
        "interval_count": recurring.number("interval_count") or 1,
        "meter": None,
        "usage_type": recurring.choice("usage_type", ("licensed",)),
        "trial_period_days": None,
    }


def _tiers(params: Params) -> list[Json] | None:
    if params.choice("billing_scheme", ("per_unit", "tiered")) != "tiered":
        return None
    tiers: list[Json] = []
    for group in params.groups("tiers"):
        up_to = None if group.need("up_to") == "inf" else group.number("up_to")
        tier = {"flat_amount": group.number("flat_amount"), "unit_amount": group.number("unit_amount"), "up_to": up_to}
        decimals = {f"{name}_decimal": None if tier[name] is None else str(tier[name]) for name in list(tier)[:2]}
        tiers.append({**tier, **decimals})
    if not tiers or tiers[-1]["up_to"] is not None:
        message = "The last tier must have up_to set to inf."
        raise ApiError(message, code="parameter_invalid", param="tiers")
    return tiers


def _take_lookup_key(state: State, price: Json, params: Params) -> None:
    """A key belongs to one price; it is taken over only where that is asked for."""
    key = params.text("lookup_key")
    if key is None:
        return
    for holder in state.where("price", lookup_key=key):
        if holder["id"] == price["id"]:
            continue
        if not params.flag("transfer_lookup_key"):
            message = f"A price (`{holder['id']}`) already uses that lookup key."
            raise ApiError(message, param="lookup_key", code="resource_already_exists")
        holder["lookup_key"] = None
        emit(state, "price.updated", holder)
    price["lookup_key"] = key


def update_price(state: State, params: Params, found: str) -> Json:
    price = state.get("price", found)
    price["active"] = params.flag("active", default=price["active"])
    price["metadata"] = params.metadata(price["metadata"])
    if "nickname" in params:
        price["nickname"] = params.text("nickname")
    if "tax_behavior" in params:
        price["tax_behavior"] = params.need("tax_behavior")
    _take_lookup_key(state, price, params)
    emit(state, "price.updated", price)
    return price


def plan_of(price: Json) -> Json:
    """The older form of a price, which subscription items still carry."""
    recurring = price["recurring"]
    same = ("active", "billing_scheme", "created", "currency", "id", "metadata", "nickname", "product", "tiers_mode")
    return blank(
        "plan",
        **{key: price[key] for key in same},
        amount=price["unit_amount"],
        amount_decimal=price["unit_amount_decimal"],
        interval=recurring["interval"],
        interval_count=recurring["interval_count"],
        usage_type="licensed",
    )
