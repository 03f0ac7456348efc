"""The people who serve the clients."""
