"""Bring all chains up to date, one after another; one that fails does not stop the others."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tenants.models import Chain
from tenants.postgresql_backend.current import connection

from .migrations import chains_behind, migrate_chain


@dataclass
class Upgrade:
    """What a run found and did."""

    chains: int = 0
    behind: list[str] = field(default_factory=list)
    migrated: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "chains": self.chains,
            "migrated": len(self.migrated),
            "failed": len(self.errors),
            "seconds": round(self.seconds, 4),
            "behind": self.behind,
            "errors": self.errors,
        }


def migrate_chains(*, check_only: bool = False, report: Callable[[str], None]) -> Upgrade:
    """Compare all chains first; then migrate those behind, each left at its last good state if it fails."""
    began = time.perf_counter()
    result = Upgrade(chains=Chain.objects.count(), behind=chains_behind())
    if not check_only:
        for number, schema in enumerate(result.behind, start=1):
            report(f"[{number}/{len(result.behind)}] {schema}")
            _migrate_one(schema, result)
    result.seconds = time.perf_counter() - began
    return result


def _migrate_one(schema: str, result: Upgrade) -> None:
    """In a thread with a connection of its own: whatever a migration raises ends there, and so does what it left."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        error = pool.submit(_migrate_and_close, schema).exception()
    if error is None:
        result.migrated.append(schema)
    else:
        result.errors[schema] = f"{type(error).__name__}: {error}".strip()


def _migrate_and_close(schema: str) -> None:
    try:
        migrate_chain(Chain.objects.get(schema_name=schema))
    finally:
        connection().close()
