"""Stripe webhooks: verified and stored first, processed by a task afterwards."""
