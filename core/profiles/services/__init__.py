"""Changes of a client's record by a person."""
