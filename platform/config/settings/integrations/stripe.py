"""Stripe: off without a key. With the stand-in of development, its address takes the place of Stripe's own."""

from config.env import env

STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")
# Each signs webhooks that we take: while keys change, the old and the new one.
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRETS", default=[])
# Origins of its pages for paying, which our forms lead to: others where Stripe serves them from a domain of ours.
STRIPE_PAGES = env.list("STRIPE_PAGES", default=["https://checkout.stripe.com", "https://billing.stripe.com"])
# Where the stand-in is, for those who try it: its pages take the place of Stripe's.
STRIPE_STANDIN_URL = env.str("STRIPE_STANDIN_URL", default="")
if STRIPE_STANDIN_URL:
    STRIPE_PAGES = [STRIPE_STANDIN_URL.rstrip("/")]
