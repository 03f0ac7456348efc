"""The Billing Portal's configurations and sessions; its page is `portal_page`."""

from deploy.development.standin import customers
from deploy.development.standin.object_fields import Json, blank, new_id
from deploy.development.standin.params import Params
from deploy.development.standin.state import State, now

_UPDATES = ("email", "name", "address", "phone", "shipping", "tax_id")


def create_configuration(state: State, params: Params) -> Json:
    moment = now(state)
    configuration = blank(
        "billing_portal.configuration",
        id=new_id("bpc"),
        active=True,
        business_profile=_profile(params, {}),
        created=moment,
        default_return_url=params.text("default_return_url"),
        features=_features(params.group("features"), {}),
        is_default=not state.seen("billing_portal.configuration"),
        login_page={"enabled": False, "url": None},
        metadata=params.metadata(),
        name=params.text("name"),
        updated=moment,
    )
    return state.add(configuration)


def update_configuration(state: State, params: Params, found: str) -> Json:
    configuration = state.get("billing_portal.configuration", found)
    configuration["business_profile"] = _profile(params, configuration["business_profile"])
    configuration["features"] = _features(params.group("features"), configuration["features"])
    configuration["metadata"] = params.metadata(configuration["metadata"])
    configuration["active"] = params.flag("active", default=configuration["active"])
    for name in ("default_return_url", "name"):
        if name in params:
            configuration[name] = params.text(name)
    configuration["updated"] = now(state)
    return configuration


def _profile(params: Params, before: Json) -> Json:
    given = params.group("business_profile")
    names = ("headline", "privacy_policy_url", "terms_of_service_url")
    return {name: given.text(name) if name in given else before.get(name) for name in names}


def _features(given: Params, before: Json) -> Json:
    """Each is off until it is switched on."""
    found: Json = {}
    for name in ("customer_update", "invoice_history", "payment_method_update", "subscription_cancel"):
        old = before.get(name, {})
        found[name] = {"enabled": given.group(name).flag("enabled", default=old.get("enabled", False))}
    updates, cancel, method = (
        given.group(name) for name in ("customer_update", "subscription_cancel", "payment_method_update")
    )
    old_cancel = before.get("subscription_cancel", {})
    allowed = updates.texts("allowed_updates") or before.get("customer_update", {}).get("allowed_updates", [])
    found["customer_update"]["allowed_updates"] = [name for name in _UPDATES if name in allowed]
    found["payment_method_update"]["payment_method_configuration"] = method.text("payment_method_configuration")
    reason = cancel.group("cancellation_reason")
    found["subscription_cancel"].update(
        cancellation_reason={"enabled": reason.flag("enabled"), "options": reason.texts("options")},
        mode=cancel.text("mode") or old_cancel.get("mode", "at_period_end"),
        proration_behavior=cancel.text("proration_behavior") or old_cancel.get("proration_behavior", "none"),
    )
    found["subscription_update"] = {
        "default_allowed_updates": [],
        "enabled": False,
        "proration_behavior": "none",
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
        "billing_cycle_anchor": None,
    }
    return found


def create_session(state: State, params: Params) -> Json:
    customer = customers.get(state, params.need("customer"))
    named = params.text("configuration") or _default(state)["id"]
    configuration = state.get("billing_portal.configuration", named, param="configuration")
    found = new_id("bps")
    flow = params.group("flow_data")
    session = blank(
        "billing_portal.session",
        id=found,
        configuration=configuration["id"],
        created=now(state),
        customer=customer["id"],
        flow=_flow(flow) if flow.tree else None,
        locale=params.text("locale"),
        return_url=params.text("return_url") or configuration["default_return_url"],
        url=f"{state.address}/p/session/{found}",
    )
    return state.add(session)


def _flow(given: Params) -> Json:
    kind = given.choice("type", ("payment_method_update", "subscription_cancel"))
    after = given.group("after_completion")
    redirect = after.group("redirect").text("return_url")
    cancel = given.group("subscription_cancel").text("subscription")
    return {
        "after_completion": {
            "hosted_confirmation": None,
            "redirect": {"return_url": redirect} if redirect else None,
            "type": after.text("type") or "portal_homepage",
        },
        "subscription_cancel": {"retention": None, "subscription": cancel} if cancel else None,
        "subscription_update": None,
        "subscription_update_confirm": None,
        "type": kind,
    }


def _default(state: State) -> Json:
    """The one made first; where none is, all features on, as a new account's at Stripe."""
    found = state.where("billing_portal.configuration", is_default=True)
    if found:
        return found[0]
    features = {
        name: {"enabled": "true"} for name in ("invoice_history", "payment_method_update", "subscription_cancel")
    }
    updates = {"enabled": "true", "allowed_updates": {str(place): name for place, name in enumerate(_UPDATES)}}
    return create_configuration(state, Params({"features": {**features, "customer_update": updates}}))
