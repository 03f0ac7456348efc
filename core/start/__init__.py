"""How someone begins in a new chain: the way in, the confirmed e-mail, the first steps, sample data to look around."""
