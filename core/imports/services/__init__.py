"""Brings a chain's files in: one function, `imports.import_file`, behind the command and the page."""
