"""Making the tables, and giving them out."""
