"""Compares the groups of a report: what their kind allows, for any metric that is a proportion."""
