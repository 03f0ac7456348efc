"""The first page of whoever sees figures: how the period went, and what deserves attention."""
