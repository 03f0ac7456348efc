"""Works off Stripe's events in forked processes and kills each at the moment asked for.

In: `seconds` a line. Out: `killed`, or `done` where it was done by then. One that ends in any other way ends this too.
"""

import os
import signal
import sys
import time
import traceback
from typing import NoReturn

import django


def _work() -> NoReturn:
    """In the child, which must not go on with its parent's loop, whatever happens."""
    from billing import tasks

    try:
        tasks.process_stripe_events()
    except BaseException:  # noqa: BLE001 - whatever it is, it is said and ends the child
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main() -> None:
    django.setup()
    # Loaded before the fork, so that the time goes into the work.
    from billing import tasks  # noqa: F401
    from billing.webhooks import processing  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if not child:
            _work()
        time.sleep(float(line))
        os.kill(child, signal.SIGKILL)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if ended not in {0, -signal.SIGKILL}:
            sys.exit(f"A worker ended by itself with {ended}; what it said stands above.")
        sys.stdout.write("done\n" if ended == 0 else "killed\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
