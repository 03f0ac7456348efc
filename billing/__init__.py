"""Plans, subscriptions and entitlements of the chains."""
