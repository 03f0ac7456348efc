"""What a chain keeps on disk lies in a folder of its own, closed to others."""

from pathlib import Path

import pytest
from django_tenants.utils import tenant_context

from core.imports.services.rejects import make_import_folder
from core.shared.chain import OutsideChainError
from tenants.models import Chain
from tests.plugins.chains import outside_chains


def test_files_lie_below_the_chains_own_folder(chain: Chain, other_chain: Chain, settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    for one in (chain, other_chain):
        with tenant_context(one):
            folder = make_import_folder()
        assert folder.is_relative_to(tmp_path / one.schema_name)
        assert folder.stat().st_mode & 0o077 == 0
    assert {path.name for path in tmp_path.iterdir()} == {"acme", "other"}
    with outside_chains(), pytest.raises(OutsideChainError):
        make_import_folder()
