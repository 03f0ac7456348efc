"""Takes imports back: what each of them made and changed is recorded, and undone as one deed."""
