"""Stripe: off without a key. With the stand-in of development, its address takes the place of Stripe's own."""

from config.env import env

STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")
# Each signs webhooks that we take: while keys change, the old and the new one.
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRETS", default=[])
# Where the stand-in can be looked at and its clock be moved; empty with Stripe itself.
STRIPE_STANDIN_URL = env.str("STRIPE_STANDIN_URL", default="")
