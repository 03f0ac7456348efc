"""A process of its own that answers which chain is at a host: a host a line in, `schema queries` a line out.

With --fork a child forked from the warm process answers.
"""

import os
import sys

import django


def main() -> None:
    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tenants.host_cache import host_cache

    def answers() -> None:
        for line in sys.stdin:
            with CaptureQueriesContext(connection) as queries:
                chain = host_cache.find_chain(line.strip())
            schema = chain.schema_name if chain else "nobody"
            sys.stdout.write(f"{schema} {len(queries) if host_cache.is_trusted() else 'unsure'}\n")
            sys.stdout.flush()

    if "--fork" in sys.argv:
        host_cache.find_chain("nobody.localhost")
        connection.close()
        child = os.fork()
        if child:
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    answers()


if __name__ == "__main__":
    main()
