"""A chain as one file: CSV of each table, the chain's files, and a manifest that says what there must be."""
