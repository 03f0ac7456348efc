"""What a stranger meets where something is refused: a page of the product, in the reader's language, that says what to
do."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account import app_settings
from allauth.core.internal.ratelimit import parse_rates
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path

import config.urls_tenant
from core.accounts.models import User
from core.shared import middleware
from core.shared.middleware import ErrorMiddleware
from tests.plugins.chains import ChainClient, outside_chains
from tests.plugins.salons import text_of

LANGUAGES = ["en", "zh-hans"]
HOSTS = ["acme.localhost", "console.localhost", "localhost"]
MANY = 61
handler429, handler500 = config.urls_tenant.handler429, config.urls_tenant.handler500


def failing(error: Exception) -> Callable[[HttpRequest], HttpResponse]:
    def view(_request: HttpRequest) -> HttpResponse:
        raise error

    view.login_required = False  # type: ignore[attr-defined]
    return view


def empty(status: int) -> Callable[[HttpRequest], HttpResponse]:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=status)

    view.login_required = False  # type: ignore[attr-defined]
    return view


FAILING = {400: BadRequest("secret"), 403: PermissionDenied("secret"), 500: ValueError("secret")}
urlpatterns = [
    *config.urls_tenant.urlpatterns,
    *(path(f"fails/{status}/", failing(error)) for status, error in FAILING.items()),
    *(path(f"empty/{status}/", empty(status)) for status in (405, 413, 429, 503)),
]


def browser(host: str, language: str, **more: Any) -> ChainClient:
    made = ChainClient(headers={"host": host, "accept": "text/html,*/*", "accept-language": language}, **more)
    made.raise_request_exception = False
    made.cookies["django_language"] = language
    return made


def check(response: Any, status: int, language: str) -> str:
    """A whole page in the product's frame."""
    page = response.content.decode()
    assert response.status_code == status
    assert page.startswith("<!DOCTYPE html>")
    assert f'<html lang="{language}">' in page
    assert "shared/layout.css" in page
    assert "<h1>" in page
    assert "secret" not in page
    text = text_of(response)
    is_chinese = bool(re.search(r"[\u4e00-\u9fff]", text.replace("简体中文", "")))
    assert is_chinese == (language == "zh-hans"), text
    return text


@pytest.mark.urls("tests.core.shared.test_error_pages")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", [400, 403, 500])
def test_faults(chain: object, status: int, language: str) -> None:
    check(browser("acme.localhost", language).get(f"/fails/{status}/"), status, language)


@pytest.mark.urls("tests.core.shared.test_error_pages")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", [405, 413, 429, 503])
def test_answers_without_a_word_get_some(chain: object, status: int, language: str) -> None:
    check(browser("acme.localhost", language).get(f"/empty/{status}/"), status, language)
    fragment = browser("acme.localhost", language).get(f"/empty/{status}/", headers={"HX-Request": "true"})
    assert fragment.status_code == status
    assert fragment.content.startswith(b'<p class="notice error"')
    # Programs get what they got.
    assert ChainClient(headers={"host": "acme.localhost"}).get(f"/empty/{status}/").content == b""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("host", HOSTS)
def test_a_page_that_is_not_there(
    chain: object, operator: User, no_second_factor: None, host: str, language: str
) -> None:
    client = browser(host, language)
    if host == "console.localhost":
        # There, strangers are asked to sign in first.
        with outside_chains():
            User.objects.update(language="")
            client.force_login(operator)
    check(client.get("/no/such/page/"), 404, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("host", ["nobody.localhost", "evil.test"])
def test_a_host_that_is_not_known(chain: object, host: str, language: str) -> None:
    response = browser(host, language).get("/stores/")
    text = check(response, 404, language)
    assert 'href="http://localhost/sign-in/"' in response.content.decode()
    assert host not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_method(chain: object, language: str) -> None:
    response = browser("acme.localhost", language).get("/language/")
    check(response, 405, language)
    assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("host", HOSTS)
def test_a_form_that_has_expired(chain: object, host: str, language: str) -> None:
    check(browser(host, language, enforce_csrf_checks=True).post("/language/", {"language": "en"}), 403, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("host", ["acme.localhost", "console.localhost"])
def test_too_many_sign_ins(chain: object, host: str, language: str) -> None:
    client = browser(host, language)
    for _ in range(MANY):
        response = client.post("/sign-in/", {"login": "", "password": ""})
    text = check(response, 429, language)
    assert response.headers["Retry-After"] == "60"
    if language == "en":
        assert "Too many requests" in text
        assert "Wait a minute, then try again." in text
    fragment = client.post("/sign-in/", {}, headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["Retry-After"]) == (429, "60")
    assert fragment.content.startswith(b'<p class="notice error"')


def test_each_limit_that_answers_so_is_of_a_minute() -> None:
    """As the page says. The others are told in the form, or keep a mail from being sent twice."""
    rates = {name: parse_rates(rate) for name, rate in app_settings.RATE_LIMITS.items()}
    told = set(rates) - {"login_failed", "confirm_email"}
    assert {rate.duration for name in told for rate in rates[name]} <= {30, 60}


@pytest.mark.parametrize(
    ("address", "fields", "times", "seconds"),
    [("/sign-in/", {"email": "a@b.test"}, 21, "3600"), ("/sign-up/address/?name=x", None, 201, "60")],
)
def test_the_platforms_own_limits_say_when(
    chain: object, address: str, fields: dict[str, str] | None, times: int, seconds: str
) -> None:
    client = browser("localhost", "en")
    for _ in range(times):
        response = client.get(address) if fields is None else client.post(address, fields)
    assert "Too many questions from your network." in check(response, 429, "en")
    assert response.headers["Retry-After"] == seconds


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_before_the_language_is_known(
    chain: object, language: str, monkeypatch: pytest.MonkeyPatch, rf: RequestFactory
) -> None:
    """As where the database is away: nothing was asked of it, not even whose site this is."""
    request = rf.get("/", headers={"accept-language": language})
    response = middleware.server_error(request)
    check(response, 500, language)


def test_other_answers_stay_as_they_are(rf: RequestFactory) -> None:
    request = rf.get("/", headers={"accept": "text/html"})
    for given in (HttpResponse(status=204), HttpResponse("own words", status=405), HttpResponse(status=404)):
        before = given.content
        assert ErrorMiddleware(lambda _request, given=given: given)(request).content == before  # type: ignore[misc]
