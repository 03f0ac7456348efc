"""Turns the texts of a column into values, each different text once."""
