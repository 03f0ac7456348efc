"""What all apps of a chain share: errors, the chain port, tasks, base templates."""
