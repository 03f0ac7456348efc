"""Changes of contacts."""
