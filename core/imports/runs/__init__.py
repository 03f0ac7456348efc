"""Imports that people start on the page: the file kept, how it is to be read, the work in the background."""
