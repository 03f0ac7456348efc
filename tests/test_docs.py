"""Documents name files that there are."""

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
DOCUMENTS = [CHECKOUT / "README.md", CHECKOUT / "deploy" / "README.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
# What whoever runs it puts there.
BROUGHT = {"deploy/certificates"}
ROOMS = "api|billing|core|deploy|docs|platform|requirements|tenants|tests"
# A path in backticks, without a placeholder or pattern.
PATH = re.compile(rf"`((?:{ROOMS})/[\w./-]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_paths_in_documents_lead_somewhere(document: Path) -> None:
    named = set(PATH.findall(document.read_text())) - BROUGHT
    assert [path for path in sorted(named) if not (CHECKOUT / path).exists()] == []


def test_the_pattern_finds_paths() -> None:
    assert PATH.findall("in `core/shared/errors.py` and `core/<app>/urls.py`, `tests/`") == ["core/shared/errors.py"]
