"""A chain of the demo that pays, at the stand-in: a subscription to look at and to take through time."""

from django.db import transaction
from django_tenants.utils import tenant_context
from stripe.params import SubscriptionCreateParams

from billing import gateway
from billing.models import Account
from billing.orders import Order
from billing.plans import CHAIN
from billing.services.access import open_account
from billing.services.stripe_sync import refresh_account
from billing.stripe_catalogue import find_price_id
from billing.usage import get_usage
from tenants.models import Chain

CARD = "pm_card_visa"


def subscribe_chain(*, schema: str, currency: str) -> Account | None:
    """By the month, for its open stores. One that has an account already is left as it is: None."""
    chain = Chain.objects.filter(schema_name=schema, billing_account=None).first()
    if chain is None:
        return None
    with tenant_context(chain):
        order = Order(CHAIN, "month", get_usage(chain).quantity)
    api = gateway.client().v1
    customer = api.customers.create({"name": chain.name}).id
    method = api.payment_methods.attach(CARD, {"customer": customer})
    api.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})
    params: SubscriptionCreateParams = {
        "customer": customer,
        "items": [{"price": find_price_id(order.plan, currency, order.interval), "quantity": order.stores}],
        "billing_mode": {"type": "classic"},
    }
    api.subscriptions.create(params)
    with transaction.atomic():
        account = open_account(chain=chain)
        account.customer_id = customer
        account.save(update_fields=["customer_id"])
    return refresh_account(account_id=account.pk)
