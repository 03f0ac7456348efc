"""Changes of who serves."""
