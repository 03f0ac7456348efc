"""Long work in the background: its queue, its order, and the rule that a chain has one job at work at a time."""
