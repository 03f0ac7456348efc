"""Plans, subscriptions and entitlements of the chains. What is kept of Stripe is what it last said."""
