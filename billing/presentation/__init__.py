"""Plans, prices and what is owed, in words."""
