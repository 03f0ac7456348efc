"""Works off Stripe's events in forked processes and kills each at the moment asked for.

In: `seconds` a line. Out: `killed` or `done`.
"""

import os
import signal
import sys
import time

import django


def main() -> None:
    django.setup()
    from billing import tasks
    from billing.webhooks import working_off  # noqa: F401 - loaded before the fork, so that the time goes into the work

    for line in sys.stdin:
        child = os.fork()
        if not child:
            tasks.work_off_events()
            os._exit(0)
        time.sleep(float(line))
        os.kill(child, signal.SIGKILL)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write("done\n" if ended == 0 else "killed\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
