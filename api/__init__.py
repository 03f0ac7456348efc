"""The REST API, version by version."""
