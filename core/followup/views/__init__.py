"""Pages of those who have not come back, and of contacts with them."""
