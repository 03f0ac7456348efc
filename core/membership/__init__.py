"""Member tiers and which client held which tier from when."""
