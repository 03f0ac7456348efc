"""Background work that waits or has failed, of all chains, and how each sort of it is started again."""
