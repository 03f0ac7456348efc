"""Merging records, and taking that back."""
