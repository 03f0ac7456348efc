from types import SimpleNamespace
from typing import Any

import pytest
from psycopg import generators

from tenants.postgresql_backend import session


@pytest.fixture
def settings_sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts how often settings went to the server."""
    sent: list[int] = []

    def execute(pgconn: Any) -> Any:
        sent.append(1)
        return generators.execute(pgconn)

    monkeypatch.setattr(session, "generators", SimpleNamespace(execute=execute))
    return sent
