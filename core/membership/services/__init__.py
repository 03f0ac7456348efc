"""Changes of who holds which tier."""
