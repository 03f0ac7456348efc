"""What is done to accounts and subscriptions."""
