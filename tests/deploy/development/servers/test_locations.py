"""The addresses of the embedded servers: right whatever the home is called, and found without touching it."""

import os
from pathlib import Path

import environ
import pytest
import redis
from kombu import Connection

from deploy.development.servers import locations

HOMES = ["/work/var", "/tmp/with space/100% ü#?&x", "/tmp/" + "long/" * 30]


@pytest.mark.parametrize("home", [Path(home) for home in HOMES], ids=["plain", "odd", "long"])
def test_addresses_lead_to_the_sockets(home: Path) -> None:
    sockets = str(locations.sockets(home))
    database = environ.Env.db_url_config(locations.database_url(home))
    cache = redis.Redis.from_url(locations.cache_url(home)).connection_pool.connection_kwargs
    broker = Connection(locations.broker_url(home))
    assert (database["HOST"], database["NAME"], database["USER"]) == (sockets, "revisit", "revisit")
    assert cache["path"] == f"{sockets}/valkey.sock"
    assert f"{sockets}/valkey.sock" in broker.as_uri()


def test_a_home_too_deep_for_a_socket_gets_a_short_folder_of_its_own() -> None:
    deep, deeper = Path("/tmp/" + "a" * 120), Path("/tmp/" + "b" * 120)
    for home in (deep, deeper):
        assert len(os.fsencode(locations.sockets(home) / locations.POSTGRES_SOCKET)) < 104
    assert locations.sockets(deep) != locations.sockets(deeper)
    assert locations.sockets(Path("/srv/revisit")) == Path("/srv/revisit/run")


def test_asking_makes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    locations.database_url(home)
    locations.broker_url(home)
    locations.cache_url(home)
    assert not home.exists()
