"""A stand-in for Stripe on this machine, for development and tests: a program of its own that shares no code with the
application. `python -m deploy.development.standin --help`."""
