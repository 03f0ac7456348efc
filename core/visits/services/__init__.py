"""Every change of visits; each keeps the facts of the clients concerned current in its own transaction."""
