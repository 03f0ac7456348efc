"""The operators' console: all chains, what can be done with each, and what waits or has failed in the background."""
