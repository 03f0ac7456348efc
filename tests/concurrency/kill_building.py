"""Builds a chain's facts in forked processes and kills each at the moment asked for.

In: `schema seconds` a line. Out: `killed`, or `done` where nothing was left to build. One that ends in any other way
ends this too.
"""

import os
import signal
import sys
import time
import traceback
from typing import NoReturn

import django


def _build(schema: str) -> NoReturn:
    """In the child, which must not go on with its parent's loop, whatever happens."""
    from django_tenants.utils import tenant_context

    from core.reporting.facts.building import build_layout
    from core.reporting.facts.layout import LAYOUTS
    from core.reporting.models import FactLayout
    from tenants.models import Chain

    try:
        with tenant_context(Chain.objects.get(schema_name=schema)):
            while build_layout() or not FactLayout.objects.filter(layout=max(LAYOUTS), is_complete=True).exists():
                pass
    except BaseException:  # noqa: BLE001 - whatever it is, it is said and ends the child
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main() -> None:
    django.setup()
    # Loaded before the fork, so that the time goes into the building.
    from core.reporting.facts import building
    from core.reporting.facts.layout import LAYOUTS
    from tests.core.reporting.stored_sums import without_amounts

    building.PIECE = building.DELETED = 2
    LAYOUTS[0] = without_amounts()
    for line in sys.stdin:
        schema, seconds = line.split()
        child = os.fork()
        if not child:
            _build(schema)
        time.sleep(float(seconds))
        os.kill(child, signal.SIGKILL)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if ended not in {0, -signal.SIGKILL}:
            sys.exit(f"A builder ended by itself with {ended}; what it said stands above.")
        sys.stdout.write("done\n" if ended == 0 else "killed\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
