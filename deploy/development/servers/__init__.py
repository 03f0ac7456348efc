"""PostgreSQL, Valkey and the whole site on this machine: started, watched and stopped."""
