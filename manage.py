#!/usr/bin/env python
"""The same as the installed `revisit` command."""

from config.cli import main

if __name__ == "__main__":
    main()
