"""The site's address and the commands of its parts."""

import socket
from pathlib import Path

import pytest

from config.errors import StartError
from deploy.development.servers import site


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_taken_port_is_named_with_a_way_out() -> None:
    port = free_port()
    listeners = site.listen(port)
    try:
        with pytest.raises(StartError, match=rf"^Port {port} is taken .* PORT={port + 1}\.$"):
            site.listen(port)
    finally:
        for listener in listeners:
            listener.close()


def test_only_this_machine_is_listened_to() -> None:
    listeners = site.listen(free_port())
    addresses = {listener.getsockname()[0] for listener in listeners}
    for listener in listeners:
        listener.close()
    assert addresses <= {"127.0.0.1", "::1"}


def test_children_are_told_where_the_servers_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    assert str(tmp_path) in site.environment(tmp_path)["DATABASE_URL"]
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/x")
    assert site.environment(tmp_path)["DATABASE_URL"] == "postgres://elsewhere/x"


def test_nobody_answers_on_a_free_port() -> None:
    assert not site.is_ready(free_port())
