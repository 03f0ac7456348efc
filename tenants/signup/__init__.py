"""Chains that sign up by themselves, and the directory that finds a person's chains by e-mail."""
