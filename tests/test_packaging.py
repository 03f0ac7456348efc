"""How the project is laid out, installed and locked."""

import ast
import platform
import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
LOCKS = ("runtime", "development", "test", "lint")
PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def sources() -> list[Path]:
    roots = [CHECKOUT / name for name in ("platform", "tenants", "core", "billing", "api", "deploy", "tests")]
    return [path for root in roots for path in root.rglob("*.py")] + [CHECKOUT / "manage.py"]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_platform_is_the_standard_library_s() -> None:
    assert platform.python_version()
    assert platform.__file__ is not None
    assert not Path(platform.__file__).is_relative_to(CHECKOUT / "platform")
    assert not (CHECKOUT / "platform" / "__init__.py").exists()


@pytest.mark.parametrize("folder", [".", "platform", "tests"])
def test_platform_is_the_standard_library_s_from_any_folder(folder: str) -> None:
    code = "import platform, config.env; print(platform.system())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT / folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, platform.system())


def test_config_is_imported_by_its_own_name() -> None:
    wrong = [str(path) for path in sources() if any(name.startswith("platform.config") for name in imported(path))]
    assert wrong == []


def test_tests_have_no_packages() -> None:
    assert list((CHECKOUT / "tests").rglob("__init__.py")) == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_hashes_and_no_index(name: str) -> None:
    lines = (CHECKOUT / "requirements" / f"{name}.txt").read_text().splitlines()
    requirements = [index for index, line in enumerate(lines) if PINNED.match(line)]
    assert requirements
    for index in requirements:
        assert lines[index].endswith("\\"), lines[index]
        assert lines[index + 1].startswith("    --hash=sha256:"), lines[index]
    options = [line for line in lines if line.startswith("-") or "://" in line or " @ " in line]
    assert options == []


def test_the_locks_agree() -> None:
    pins = [set(PINNED.findall((CHECKOUT / "requirements" / f"{name}.txt").read_text())) for name in LOCKS]
    assert all(narrow <= wide for narrow, wide in pairwise(pins))


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = {
        "runtime": project["project"]["dependencies"] + groups["build"] + project["build-system"]["requires"],
        "development": groups["development"],
        "test": groups["test"],
        "lint": groups["lint"],
    }
    for name, requirements in wanted.items():
        text = (CHECKOUT / "requirements" / f"{name}.txt").read_text()
        locked = {line.split("==")[0] for line in text.splitlines() if "==" in line and not line.startswith(" ")}
        asked = {re.split(r"[\[<>=~! ;]", requirement)[0].lower() for requirement in requirements}
        assert asked <= locked, f"run make lock: {asked - locked} missing from {name}.txt"


def test_the_image_holds_the_product_alone() -> None:
    text = (CHECKOUT / "deploy" / "Containerfile").read_text()
    copied = {name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for name in line.split()}
    assert {name for name in copied if (CHECKOUT / name).is_dir()} == {"platform", "tenants", "core", "billing", "api"}
    assert {name for name in copied if name.startswith("requirements")} == {"requirements/runtime.txt"}


def test_no_registry_is_named() -> None:
    address = re.compile(r"(index-url|find-links|trusted-host)\s*[= ]\s*\S*://|registry\.[a-z]+\.[a-z]|files\.python")
    named = [
        str(path)
        for pattern in ("*", "deploy/*", "requirements/*", ".ci/*")
        for path in CHECKOUT.glob(pattern)
        if path.is_file() and address.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert named == []
