"""Imports of one chain at the same time, over real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

from django.db import connection, transaction
from django_tenants.utils import tenant_context

from core.clients.models import Client
from core.imports.services import imports
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.imports.services.results import ImportResult
from core.stores.services.stores import open_store
from core.visits.models import Visit, VisitLine
from tenants.models import Chain

HEAD = "client_ref,started_at,amount,store_code,visit_ref,item,staff_code\n"


def file_of(folder: Path, name: str, refs: range) -> Path:
    path = folder / name
    path.write_text(HEAD + "".join(f"C{ref},2025-03-04,10,S1,{ref},Cut,ANN\n" for ref in refs))
    return path


def bring(chain: Chain, path: Path, before: Callable[[], object]) -> ImportResult:
    try:
        with tenant_context(chain):
            before()
            options = ImportOptions(create_missing=True)
            return import_file(kind="visits", source=path, options=options, acting_user=None)
    finally:
        connection.close()


def test_the_same_file_twice_at_once_comes_in_once(committed_chain: Chain, tmp_path: Path) -> None:
    open_store(code="S1", name="One", city="上海", city_tier="一线", region="华东")
    path = file_of(tmp_path, "file.csv", range(500))
    gate = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(bring, committed_chain, path, lambda: gate.wait(30)) for _ in range(2)]
        results = [future.result(120) for future in futures]
    assert sorted((result.created, result.unchanged) for result in results) == [(0, 500), (500, 0)]
    assert Visit.objects.count() == VisitLine.objects.count() == Client.objects.count() == 500


def test_overlapping_files_at_once_make_what_both_need_once(committed_chain: Chain, tmp_path: Path) -> None:
    open_store(code="S1", name="One", city="上海", city_tier="一线", region="华东")
    paths = [file_of(tmp_path, "first.csv", range(300)), file_of(tmp_path, "second.csv", range(200, 500))]
    gate = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(bring, committed_chain, path, lambda: gate.wait(30)) for path in paths]
        results = [future.result(120) for future in futures]
    assert sum(result.created for result in results) == 500
    assert sum(result.unchanged for result in results) == 100
    assert Client.objects.count() == 500


def test_imports_of_two_chains_do_not_wait_for_each_other(
    make_committed_chain: Callable[..., Chain], tmp_path: Path
) -> None:
    first, second = make_committed_chain(), make_committed_chain()
    for chain in (first, second):
        with tenant_context(chain):
            open_store(code="S1", name="One", city="上海", city_tier="一线", region="华东")
    path = file_of(tmp_path, "file.csv", range(10))
    held, done = Event(), Event()

    def hold() -> None:
        try:
            with tenant_context(first), transaction.atomic():
                imports.lock_imports()
                held.set()
                assert done.wait(60)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        holder = pool.submit(hold)
        assert held.wait(30)
        assert pool.submit(bring, second, path, lambda: None).result(60).created == 10
        done.set()
        holder.result(60)
