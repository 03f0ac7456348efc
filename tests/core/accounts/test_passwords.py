"""Each reason against a password is in the reader's language."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation


def reasons(password: str, language: str) -> list[str]:
    with translation.override(language), pytest.raises(ValidationError) as refused:
        validate_password(password)
    return refused.value.messages


def test_a_short_one() -> None:
    assert reasons("qzv7", "en") == ["Use 10 characters at least."]
    assert reasons("qzv7", "zh-hans") == ["请至少使用 10 个字符。"]


def test_a_breached_one() -> None:
    """Of the local list."""
    assert reasons("password123", "en") == ["This password is too common."]
