"""Buffers whole requests and responses outside the threads, so that no slow client occupies a thread."""
