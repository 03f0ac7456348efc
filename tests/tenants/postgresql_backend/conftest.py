import pytest

from tenants.postgresql_backend.session import ChainConnection


@pytest.fixture
def settings_sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What settings went to the server."""
    sent: list[bytes] = []
    send = ChainConnection.send_settings

    def record(connection: ChainConnection, settings: bytes) -> None:
        sent.append(settings)
        send(connection, settings)

    monkeypatch.setattr(ChainConnection, "send_settings", record)
    return sent
