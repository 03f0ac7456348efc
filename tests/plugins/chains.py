"""Chains for tests; see the fixtures."""
