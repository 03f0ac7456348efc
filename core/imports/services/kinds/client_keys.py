"""Reads the numbers of clients as the keys they are compared by."""

from django.db.backends.utils import CursorWrapper

from core.clients.keys import LONGEST, client_key
from core.clients.services.loading import fill_keys
from core.imports.services.values.memo import NULL, Memo, escaped
from core.shared.chain import current_chain
from core.visits.services.loading import rekey_visits


def prepare_keys(cursor: CursorWrapper) -> None:
    """Every client has a key from then on, and visits go by it."""
    if fill_keys(cursor):
        rekey_visits(cursor)


class ClientKeys(Memo):
    """What cannot be a number at all is left to the reader of the texts."""

    # A large chain's, most of which are written as their keys are, and then kept once.
    remembered = 300_000

    def __init__(self) -> None:
        super().__init__(self._read)
        self._country = current_chain().country

    def _read(self, cell: str) -> str:
        text = cell.strip()
        if not text or len(text) > LONGEST or "\0" in text:
            return NULL
        return escaped(self.key_of(text)) or NULL

    def key_of(self, text: str) -> str:
        return client_key(text, self._country)
