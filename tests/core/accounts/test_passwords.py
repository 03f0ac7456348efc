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


@pytest.mark.parametrize("password", ["Password123!", "woaini1314520", "!!Iloveyou2026", "123-Qwertyuiop"])
def test_a_breached_one_dressed_up(password: str) -> None:
    assert reasons(password, "en") == ["This password is too common."]


def test_figures_alone() -> None:
    assert reasons("5201314520", "en") == ["This password is entirely numeric."]
    assert reasons("5201314520", "zh-hans") == ["密码只包含数字。"]


@pytest.mark.parametrize("password", ["seven quiet herons", "dragon 58203 94857", "wo zhu zai xi hu bian"])
def test_one_that_is_a_secret(password: str) -> None:
    validate_password(password)
