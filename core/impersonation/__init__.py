"""An operator of the platform who works in the chain as one of its users, for an hour and for a reason given."""
