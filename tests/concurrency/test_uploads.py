"""Two windows that send the same file at the same moment, over real connections."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from core.accounts.models import User
from core.imports.models import Upload
from core.imports.runs.resumable import add_piece, begin_upload, path_of, take_upload
from tenants.models import Chain
from tests.plugins.at_once import at_once
from tests.plugins.chains import make_user

PIECES = 6
LENGTH = 200_000


@pytest.fixture
def sender(committed_chain: Chain, tmp_path: Path, settings: Settings) -> User:
    settings.MEDIA_ROOT = tmp_path / "files"
    return make_user("hq@acme.test", role=User.Role.HQ)


def begin(sender: User) -> Upload:
    return begin_upload(acting_user=sender, name="a.csv", size=PIECES * LENGTH, modified=1)


def sending(sender: User, upload: Upload, piece: bytes, offset: int) -> Callable[[], int]:
    def send() -> int:
        body = BytesIO(piece)
        return add_piece(acting_user=sender, upload=upload, offset=offset, length=len(piece), body=body).received

    return send


def test_the_same_file_is_begun_once(sender: User, committed_chain: Chain) -> None:
    found = at_once(*[lambda: begin(sender).pk] * 4, chain=committed_chain)
    assert len(set(found)) == Upload.objects.count() == 1


def test_a_piece_that_comes_twice_at_once_counts_once(sender: User, committed_chain: Chain) -> None:
    """Each window with other bytes, so that a mixture would be seen."""
    upload = begin(sender)
    content = b""
    for number in range(PIECES):
        offset = number * LENGTH
        pieces = [os.urandom(LENGTH) for _window in range(3)]
        deeds = [sending(sender, upload, piece, offset) for piece in pieces]
        found = at_once(*deeds, chain=committed_chain)
        assert sorted(map(str, found)) == sorted([str(offset + LENGTH), "other_offset", "other_offset"])
        content += pieces[found.index(offset + LENGTH)]
        upload.refresh_from_db()
        assert upload.received == offset + LENGTH
    assert path_of(upload).read_bytes() == content


def test_an_upload_is_taken_once(sender: User, committed_chain: Chain) -> None:
    upload = begin(sender)
    sending(sender, upload, bytes(LENGTH), 0)()
    Upload.objects.update(received=PIECES * LENGTH)
    found = at_once(*[lambda: take_in_transaction(sender, upload)] * 3, chain=committed_chain)
    assert sorted(found) == [f"imports/{upload.pk}/upload", "upload_gone", "upload_gone"]


def take_in_transaction(sender: User, upload: Upload) -> str:
    with transaction.atomic():
        return take_upload(acting_user=sender, upload=upload)
