"""Every change of visits; each is announced (`core.visits.signals`) within its transaction."""
