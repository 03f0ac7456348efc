"""The public pages: what Revisit is, where to begin."""
