"""Texts and table rows for the billing pages."""
