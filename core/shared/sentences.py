"""Joins sentences with the separator of the language."""

from collections.abc import Iterable

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language


def join_sentences(sentences: Iterable[str]) -> str:
    return _separator().join(sentences)


def join_sentences_html(sentences: Iterable[str]) -> SafeString:
    """Escapes sentences that are not marked as safe."""
    return format_html_join(_separator(), "{}", ((sentence,) for sentence in sentences))


def _separator() -> str:
    """A Chinese full stop includes its space."""
    return "" if (get_language() or "").startswith("zh") else " "
