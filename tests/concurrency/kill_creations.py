"""Makes chains in forked processes and kills each at the moment asked for.

In: `schema seconds` a line. Out: `killed` or `done`.
"""

import os
import signal
import sys
import time

import django


def main() -> None:
    django.setup()
    from django.contrib.auth import get_user_model

    from tenants.provisioning import create_chain
    from tenants.provisioning.script import current_script

    # Loaded before the fork, so that the time goes into the making.
    get_user_model()
    current_script()
    for line in sys.stdin:
        schema, seconds = line.split()
        child = os.fork()
        if not child:
            create_chain(schema=schema, name="Killed", owner_email="owner@example.com")
            os._exit(0)
        time.sleep(float(seconds))
        os.kill(child, signal.SIGKILL)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write("done\n" if ended == 0 else "killed\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
