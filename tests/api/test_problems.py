"""Whatever refuses a request below /api/ says so in a problem document, and nowhere else."""

import json
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path
from pytest_django import Settings

import config.urls_tenant
from api.problems import ProblemMiddleware
from core.accounts.models import SignInPolicy, User
from core.shared.concurrency import busy
from tenants.models import Chain
from tests.plugins.chains import ChainClient, signed_in

REPORT = "/api/v1/reports/repurchase_rate/"


def fails(_request: HttpRequest) -> HttpResponse:
    raise ValueError("secret")


fails.login_required = False  # type: ignore[attr-defined]
urlpatterns = [path("api/fails/", fails), path("fails/", fails)]
handler500 = config.urls_tenant.handler500


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert int(response.headers["Content-Length"]) == len(response.content)
    document: dict[str, Any] = json.loads(response.content)
    assert (document["status"], document["code"]) == (status, code)
    return document


def client_at(host: str = "acme.localhost", **more: Any) -> ChainClient:
    return ChainClient(raise_request_exception=False, headers={"host": host, "accept": "text/html,*/*"}, **more)


@pytest.mark.urls("tests.api.test_problems")
def test_a_fault_of_ours_tells_no_secret(chain: Chain) -> None:
    response = client_at().get("/api/fails/")
    problem(response, 500, "server_error")
    assert "secret" not in response.content.decode()
    assert client_at().get("/fails/").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("host", ["acme.localhost", "localhost"])
def test_an_address_that_is_not_there(chain: Chain, host: str) -> None:
    problem(client_at(host).get("/api/no/such/"), 404, "not_found")
    assert client_at(host).get("/no/such/").headers["Content-Type"].startswith("text/html")


def test_nul_characters(chain: Chain) -> None:
    problem(client_at().get(REPORT, QUERY_STRING="by=a%00"), 400, "bad_request")
    problem(client_at().get("/api/v1/reports/a%00/"), 404, "not_found")


def test_a_body_that_is_too_large(hq_client: ChainClient, settings: Settings) -> None:
    body = "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    problem(hq_client.post(REPORT, body, content_type="application/json"), 413, "body_too_large")


def test_a_request_without_its_csrf_token(hq_user: User) -> None:
    client = client_at(enforce_csrf_checks=True)
    client.force_login(hq_user)
    document = problem(client.post(REPORT), 403, "csrf_failed")
    assert "X-CSRFToken" in document["detail"]


def test_a_chain_that_is_read_only(hq_client: ChainClient, chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Chain, "is_read_only", True)
    problem(hq_client.post(REPORT), 403, "chain_read_only")


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_second_factor_that_is_missing(hq_user: User, headers: dict[str, str]) -> None:
    SignInPolicy.objects.update_or_create(defaults={"requires_second_factor": True})
    response = signed_in(hq_user, host="acme.localhost").get(REPORT, headers=headers)
    problem(response, 401, "not_signed_in")
    assert not {"Location", "HX-Redirect"} & set(response.headers)
    assert response.headers["WWW-Authenticate"] == "Session"


def test_a_chain_that_is_busy(rf: RequestFactory) -> None:
    response: Any = ProblemMiddleware(busy)(rf.get(REPORT))
    problem(response, 429, "too_many_requests")
    assert response.headers["Retry-After"] == "3"
    assert "Refresh" not in response.headers
    page: Any = ProblemMiddleware(busy)(rf.get("/"))
    assert page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("language", "text"), [("en", "There is nothing at"), ("zh-hans", "该网址没有内容")])
def test_words_are_in_the_users_language(hq_user: User, language: str, text: str) -> None:
    User.objects.update(language=language)
    response = signed_in(hq_user, host="acme.localhost").get("/api/no/such/")
    assert text in problem(response, 404, "not_found")["detail"]
