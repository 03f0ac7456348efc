"""Reads files of unknown origin in a child process.

Its side, `child` and `fork_server`, loads neither Django nor the database.
"""
