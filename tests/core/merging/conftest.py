"""Fixtures of imports: what is merged came in by files."""

from tests.core.imports.conftest import media, stores
from tests.core.imports.undo.conftest import bring

__all__ = ["bring", "media", "stores"]
