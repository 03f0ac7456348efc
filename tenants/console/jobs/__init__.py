"""Background work that waits or has failed, of all chains, and how each kind of it is started again."""
