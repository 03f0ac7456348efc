"""A report as table, sentences, charts and files."""
