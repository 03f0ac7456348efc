"""Threads that work in several chains in turn, on connections opened anew all the time; prints what was wrong.

A process of its own, so that DATABASE_URL can lead through a pooler. Arguments: the chains' schemas.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import django

THREADS, ROUNDS = 6, 25


def main() -> None:
    django.setup()
    from django.db import transaction
    from django_tenants.utils import tenant_context

    from core.clients.models import Client
    from tenants.models import Chain
    from tenants.postgresql_backend.current import connection

    chains = list(Chain.objects.filter(schema_name__in=sys.argv[1:]))
    connection().close()

    def standing() -> tuple[str, int]:
        with connection().cursor() as cursor:
            cursor.execute("SELECT current_user, pg_backend_pid()")
            return cursor.fetchone()

    def work(thread: int) -> tuple[list[str], set[int]]:
        wrong, processes = [], set()
        for number in range(ROUNDS):
            chain = chains[(thread + number) % len(chains)]
            with tenant_context(chain):
                Client.objects.create(ref=f"{thread}-{number}", name=chain.schema_name)
                with transaction.atomic():
                    wrong += [client.name for client in Client.objects.exclude(name=chain.schema_name)]
                    transaction.set_rollback(True)
                role, process = standing()
                processes.add(process)
                if f"__{chain.schema_name}__" not in role:
                    wrong.append(role)
            if number % 3 == 0:
                connection().close()
        connection().close()
        return wrong, processes

    with ThreadPoolExecutor(THREADS) as pool:
        done = list(pool.map(work, range(THREADS)))
    wrong = [one for some, _processes in done for one in some]
    processes = set().union(*(processes for _wrong, processes in done))
    sys.stdout.write(json.dumps({"wrong": wrong, "processes": len(processes)}))


if __name__ == "__main__":
    main()
