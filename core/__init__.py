"""What every chain's own schema holds, one Django app per domain."""
