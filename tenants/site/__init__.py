"""The public pages: what Revisit is, what it costs, where to begin."""
