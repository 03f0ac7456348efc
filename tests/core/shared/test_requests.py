"""What the web server hands over, before any middleware."""

import io
from typing import Any

import pytest
from django.test import RequestFactory

from core.shared.requests import Utf8Request


def environ(rf: RequestFactory, content_type: str) -> dict[str, Any]:
    body = b"login=%C3%A9"
    found = rf.get("/sign-in/?next=%5Cud800%C3%A9").environ
    return {
        **found, "REQUEST_METHOD": "POST", "CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }  # fmt: skip


@pytest.mark.parametrize("charset", ["utf-8", "hex", "rot13", "unicode_escape", "utf-7", "utf-16", "none", "a\0b", ""])
def test_forms_are_in_utf_8(rf: RequestFactory, charset: str) -> None:
    request = Utf8Request(environ(rf, f"application/x-www-form-urlencoded; charset={charset}"))
    assert request.GET["next"] == "\\ud800é"
    assert request.POST["login"] == "é"


@pytest.mark.parametrize(
    "content_type", ["a/b; x*=hex''%41", "a/b; x*=\0''%41", "a/b;" + "x=1;" * 20_000, "\0", ";;=", ""]
)
def test_nonsense_for_a_type_is_none(rf: RequestFactory, content_type: str) -> None:
    assert not Utf8Request(environ(rf, content_type)).POST


def test_the_application_is_served_so() -> None:
    from config.wsgi import application

    assert application.request_class is Utf8Request
