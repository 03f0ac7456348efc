"""The people of a chain: who works here, in what role, and how they come."""
