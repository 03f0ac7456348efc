"""What precedes serving, in one process: migrations, the plans at the stand-in for Stripe, and the demo.

`python -m deploy.development.servers.setup [--migrate] [--demo] OUTPUT`. What `build_demo --json` prints goes to the
file OUTPUT, everything else to standard error.
"""

import os
import sys
from pathlib import Path


def main() -> None:
    """Bring the database to where this checkout wants it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    *options, output = sys.argv[1:]
    if "--migrate" in options:
        call_command(
            "migrate_schemas", shared=True, interactive=False, verbosity=0, skip_checks=True, stdout=sys.stderr
        )
    call_command("migrate_chains", verbosity=0, stdout=sys.stderr)
    if settings.STRIPE_STANDIN_URL:
        call_command("sync_plans", stdout=sys.stderr)
    if "--demo" in options:
        with Path(output).open("w", encoding="utf-8") as told:
            call_command("build_demo", json=True, stdout=told)
        if settings.STRIPE_STANDIN_URL:
            from deploy.development.demo.subscription import subscribe_chain

            subscribe_chain(schema="maple", currency="USD")


if __name__ == "__main__":
    main()
