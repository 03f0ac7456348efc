"""Work in the background that takes long: one table of it in each chain's schema, and one of the platform in public."""
