"""Who has not come back: clients past their own usual interval, whom a store calls one by one."""
