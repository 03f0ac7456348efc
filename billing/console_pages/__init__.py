"""Billing's pages at the operators' console."""
