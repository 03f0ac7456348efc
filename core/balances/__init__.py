"""Course cards and stored value that clients had left when another program was given up, for the till to begin with."""
