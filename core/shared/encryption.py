"""Encrypts texts stored in the database with a key derived from SECRET_KEY, or from SECRET_KEY_FALLBACKS to read."""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes


def encrypted(text: str, *, purpose: str) -> str:
    return _cipher(purpose).encrypt(text.encode()).decode()


def decrypted(token: str, *, purpose: str) -> str:
    """Raises cryptography.fernet.InvalidToken for what was encrypted with another key, for another purpose or not at
    all."""
    return _cipher(purpose).decrypt(token.encode()).decode()


def encrypted_anew(token: str, *, purpose: str) -> str:
    """Encrypted with the present SECRET_KEY. Raises as `decrypted` does."""
    return _cipher(purpose).rotate(token.encode()).decode()


def _cipher(purpose: str) -> MultiFernet:
    return MultiFernet(
        [Fernet(_key(secret, purpose)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _key(secret: str | bytes, purpose: str) -> bytes:
    digest = hashlib.blake2b(force_bytes(secret), digest_size=32, person=purpose.encode()[:16]).digest()
    return base64.urlsafe_b64encode(digest)
