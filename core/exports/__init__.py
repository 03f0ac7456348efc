"""Tidy tables of a chain for analysts, as CSV and Parquet."""
