"""Changes of clients."""
