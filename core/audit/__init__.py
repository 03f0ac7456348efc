"""The audit trail of a chain: who did what, to what, when and from where. Rows are added and read, nothing else."""
