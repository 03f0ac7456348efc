"""Stores, where they stand, and the table of cities."""
