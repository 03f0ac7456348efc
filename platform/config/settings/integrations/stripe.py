"""Stripe; billing is off without a key. For development the API base can be the stand-in's URL."""

from config.env import env

STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")
# Accepted webhook secrets: old and new one during rotation.
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRETS", default=[])
# Origins that our forms may redirect to; add your own if Stripe serves its pages from a custom domain.
STRIPE_PAGES = env.list("STRIPE_PAGES", default=["https://checkout.stripe.com", "https://billing.stripe.com"])
# URL of the stand-in, whose pages replace Stripe's.
STRIPE_STANDIN_URL = env.str("STRIPE_STANDIN_URL", default="")
if STRIPE_STANDIN_URL:
    STRIPE_PAGES = [STRIPE_STANDIN_URL.rstrip("/")]
