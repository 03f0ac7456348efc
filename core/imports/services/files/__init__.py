"""Reads files of unknown origin in a child process. Its side of it, `child`, loads neither Django nor the database."""
