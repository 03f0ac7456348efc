"""Lists in pages, and fields that are filled in where a request asks for it."""

from collections.abc import Callable
from typing import Any

from deploy.development.standin import payments
from deploy.development.standin.errors import ApiError
from deploy.development.standin.object_fields import Json, listed, public
from deploy.development.standin.params import Params
from deploy.development.standin.state import State

PAGING = "limit starting_after ending_before created"
Handler = Callable[..., Any]


def listing(kind: str, *fields: str) -> Handler:
    """Of all objects of a kind, where these fields are as asked for."""

    def find(state: State, params: Params) -> list[Json]:
        wanted = {name: params.text(name) for name in fields if name in params}
        return [
            value for value in state.seen(kind) if all(_field(value, name) == wish for name, wish in wanted.items())
        ]

    return find


def _field(value: Json, name: str) -> str | None:
    found = value.get(name)
    if name == "subscription" and value["object"] == "invoice":
        found = value["parent"]["subscription_details"]["subscription"]
    if name == "coupon":
        found = value["promotion"]["coupon"]
    return str(found).lower() if isinstance(found, bool) else found


def prices(state: State, params: Params) -> list[Json]:
    found: list[Json] = listing("price", "active", "currency", "product", "type")(state, params)
    keys = params.texts("lookup_keys")
    return [price for price in found if not keys or price["lookup_key"] in keys]


def customers(state: State, params: Params) -> list[Json]:
    found: list[Json] = listing("customer", "email", "test_clock")(state, params)
    return [customer for customer in found if not customer.get("_deleted")]


def payment_methods(state: State, params: Params, customer: str | None = None) -> list[Json]:
    owner = customer or params.need("customer")
    state.get("customer", owner, param="customer")
    found: list[Json] = listing("payment_method", "type")(state, params)
    return [method for method in found if method["customer"] == owner]


def tax_ids(state: State, params: Params, customer: str) -> list[Json]:
    state.get("customer", customer)
    return [tax_id for tax_id in state.seen("tax_id") if tax_id["customer"] == customer]


def balance(state: State, params: Params, customer: str) -> list[Json]:
    state.get("customer", customer)
    return [one for one in state.seen("customer_balance_transaction") if one["customer"] == customer]


def events(state: State, params: Params) -> list[Json]:
    kinds = params.texts("types") or ([params.need("type")] if "type" in params else [])
    return [event for event in state.seen("event") if not kinds or any(_matches(event["type"], one) for one in kinds)]


def _matches(kind: str, wanted: str) -> bool:
    return kind.startswith(wanted[:-1]) if wanted.endswith("*") else kind == wanted


def invoice_payments(state: State, params: Params) -> list[Json]:
    found: list[Json] = listing("invoice_payment", "invoice", "status")(state, params)
    intent = params.group("payment").text("payment_intent")
    return [one for one in found if intent in {None, one["payment"]["payment_intent"]}]


def invoice_lines(state: State, params: Params, found: str) -> list[Json]:
    lines: list[Json] = state.get("invoice", found)["lines"]["data"]
    return lines[::-1]


def invoice_items(state: State, params: Params) -> list[Json]:
    found: list[Json] = listing("invoiceitem", "customer", "invoice")(state, params)
    pending = params.flag("pending") if "pending" in params else None
    return [item for item in found if pending is None or (item["invoice"] is None) is pending]


def page(values: list[Json], params: Params, url: str) -> Json:
    """Newest first; `values` come oldest first."""
    limit = params.number("limit")
    limit = 10 if limit is None else limit
    if not 1 <= limit <= 100:
        raise ApiError("Invalid limit: must be from 1 to 100.", param="limit", code="parameter_invalid_integer")
    found = [value for value in values[::-1] if _in_time(value, params)]
    places = {value["id"]: place for place, value in enumerate(found)}
    after, before = params.text("starting_after"), params.text("ending_before")
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None and cursor not in places:
            raise ApiError(f"No such object: '{cursor}'", status=400, code="resource_missing", param=name)
    if before is not None:
        rest = found[: places[before]]
        return listed(rest[-limit:], url, more=len(rest) > limit)
    rest = found[places[after] + 1 :] if after is not None else found
    return listed(rest[:limit], url, more=len(rest) > limit)


def _in_time(value: Json, params: Params) -> bool:
    if "created" not in params:
        return True
    if not isinstance(params.tree["created"], dict):
        return bool(value["created"] == params.number("created"))
    limits = params.group("created")
    tests = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}
    limits.only(tests)
    return all(tests[name](value["created"], limits.need_number(name)) for name in limits.tree)


def _payments_of(state: State, invoice: Json) -> Json:
    found = [one for one in state.seen("invoice_payment") if one["invoice"] == invoice["id"]]
    return listed(found, f"/v1/invoice_payments?invoice={invoice['id']}")


def _secret_of(state: State, invoice: Json) -> Json | None:
    intent = payments.intent_of(state, invoice)
    return {"client_secret": intent["client_secret"], "type": "payment_intent"} if intent else None


# Fields that are there only where they are asked for.
_INCLUDED: dict[tuple[str, str], Callable[[State, Json], Any]] = {
    ("price", "tiers"): lambda state, price: state.get("price", price["id"])["_tiers"],
    ("customer", "tax_ids"): lambda state, customer: listed(
        tax_ids(state, Params({}), customer["id"])[::-1], f"/v1/customers/{customer['id']}/tax_ids"
    ),
    ("customer", "subscriptions"): lambda state, customer: listed(
        [one for one in state.seen("subscription") if one["customer"] == customer["id"] and not one["ended_at"]],
        f"/v1/customers/{customer['id']}/subscriptions",
    ),
    ("invoice", "payments"): _payments_of,
    ("invoice", "confirmation_secret"): _secret_of,
    ("charge", "refunds"): payments.refunds_of,
}


def expand(state: State, answer: Json, paths: list[str]) -> Json:
    for path in paths:
        _expand(state, answer, path.split("."), path)
    return answer


def _expand(state: State, holder: Any, path: list[str], whole: str) -> None:
    if isinstance(holder, list):
        for inner in holder:
            _expand(state, inner, path, whole)
        return
    if not isinstance(holder, dict):
        return
    name, *rest = path
    include = _INCLUDED.get((holder.get("object", ""), name))
    if include is not None:
        holder[name] = public(include(state, holder))
    elif name not in holder:
        raise ApiError(f"This property cannot be expanded ({whole}).", param="expand")
    holder[name] = _resolve(state, holder[name])
    if rest:
        _expand(state, holder[name], rest, whole)


def _resolve(state: State, value: Any) -> Any:
    if isinstance(value, str):
        found = state.find(value)
        return public(found) if found else value
    return [_resolve(state, inner) for inner in value] if isinstance(value, list) else value
