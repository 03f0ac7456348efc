"""It starts only where that is safe, and shares nothing with the application."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.development.standin.__main__ import main


@pytest.mark.parametrize(
    ("environment", "words", "why"),
    [
        ({"DJANGO_SETTINGS_MODULE": "config.settings.prod"}, (), "production"),
        ({"STRIPE_SECRET_KEY": "sk_live_1"}, (), "test key"),
        ({}, ("--host", "0.0.0.0"), "loopback"),  # noqa: S104 - it is refused
        ({}, ("--webhook-url", "https://revisit.example/hook", "--webhook-secret", "whsec_1"), "this machine alone"),
        ({}, ("--webhook-url", "http://localhost/hook"), "cannot be signed"),
        ({}, ("--webhook-secret", "secret"), "begins with whsec_"),
    ],
)
def test_it_refuses(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    environment: dict[str, str],
    words: tuple[str, ...],
    why: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["--port", "0", "--state", str(tmp_path / "state"), *words]) == 1
    assert why in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_it_loads_nothing_of_the_application() -> None:
    program = (
        "import sys, deploy.development.standin.__main__;"
        "application = {'django', 'core', 'tenants', 'config', 'billing', 'api', 'stripe'};"
        "print([name for name in sys.modules if name.split('.')[0] in application])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
