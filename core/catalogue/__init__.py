"""Service categories and services."""
