"""Sentences one after the other, as the language sets them."""

from collections.abc import Iterable

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language


def in_a_row(sentences: Iterable[str]) -> str:
    return _gap().join(sentences)


def in_a_row_html(sentences: Iterable[str]) -> SafeString:
    """What is not marked as safe is escaped."""
    return format_html_join(_gap(), "{}", ((sentence,) for sentence in sentences))


def _gap() -> str:
    """A Chinese full stop brings its own."""
    return "" if (get_language() or "").startswith("zh") else " "
