"""Plans, subscriptions and entitlements of chains, mirrored from Stripe, which is the source of truth."""
