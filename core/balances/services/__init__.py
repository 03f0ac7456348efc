"""Changes of balances."""
