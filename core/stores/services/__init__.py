"""Changes of stores and of where they stand."""
