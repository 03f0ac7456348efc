"""What Stripe tells us of: kept first, worked off afterwards."""
