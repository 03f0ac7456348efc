"""Whole requests are read and whole responses sent beside the threads, so that no slow client holds one."""
