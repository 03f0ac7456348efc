"""What `make install` says where it cannot go on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
# As Debian's python3 is without the package python3-venv.
WITHOUT_VENV = f"""#!/bin/sh
case "$*" in
    *ensurepip*|*"-m venv"*) echo "ModuleNotFoundError: No module named 'ensurepip'" >&2; exit 1 ;;
esac
exec {sys.executable} "$@"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As far as the installation looks at it, with nothing installed."""
    folder = tmp_path / "checkout"
    for name in ("Makefile", "pyproject.toml", "deploy/install.sh", "requirements/development.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, folder / name)
    return folder


def test_a_python_without_venv_gives_one_clear_sentence(checkout: Path, tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python3"
    python.parent.mkdir()
    python.write_text(WITHOUT_VENV)
    python.chmod(0o755)
    environment = {"PATH": f"{python.parent}{os.pathsep}{os.defpath}"}
    done = subprocess.run(
        ["make", "--silent", "install"], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make:")]
    assert said == [
        "revisit: python3 lacks the venv module; install it (on Debian and Ubuntu: the package python3-venv)."
    ]
    assert done.stdout == ""
    assert not (checkout / ".venv").exists()
