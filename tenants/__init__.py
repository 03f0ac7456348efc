"""The platform's side: chains, their domains, their schemas and roles. Its tables are in `public`."""
