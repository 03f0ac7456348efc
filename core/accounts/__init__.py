"""Users of a chain (and, in the public schema, of the platform), sign-in and what each may see."""
