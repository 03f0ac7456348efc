"""PostgreSQL and Valkey inside REVISIT_HOME, for every set-up that names no servers of its own."""
