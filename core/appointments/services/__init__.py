"""Changes of categories and services."""
