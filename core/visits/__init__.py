"""Visits and their lines: the raw record everything is counted from."""
