"""Headers and refusals."""

from django.http import HttpResponse
from django.test import RequestFactory

from core.accounts.models import User
from core.shared.errors import AppError
from core.shared.middleware import ErrorMiddleware, HeadersMiddleware
from tests.plugins.chains import ChainClient
from tests.plugins.salons import text_of


def test_every_answer_carries_the_headers(rf: RequestFactory) -> None:
    response = HeadersMiddleware(lambda _request: HttpResponse())(rf.get("/"))
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert "form-action 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert response.headers["Server-Timing"].startswith("total;dur=")


def test_a_view_may_set_its_own(rf: RequestFactory) -> None:
    response = HeadersMiddleware(lambda _r: HttpResponse(headers={"Cache-Control": "public"}))(rf.get("/"))
    assert response.headers["Cache-Control"] == "public"


def test_a_refusal_becomes_a_page_or_a_fragment_with_its_status(rf: RequestFactory) -> None:
    middleware = ErrorMiddleware(lambda _request: HttpResponse())
    error = AppError("too_late", "Come <earlier>.", status=409, secret="inside")
    page = middleware.process_exception(rf.get("/"), error)
    assert page is not None
    assert page.status_code == 409
    assert "Come &lt;earlier&gt;." in page.content.decode()
    assert "inside" not in page.content.decode()
    request = rf.get("/")
    request.htmx = True  # type: ignore[attr-defined]
    fragment = middleware.process_exception(request, error)
    assert fragment is not None
    assert "<html" not in fragment.content.decode()


def test_other_errors_are_left_to_django(rf: RequestFactory) -> None:
    assert ErrorMiddleware(lambda _r: HttpResponse()).process_exception(rf.get("/"), ValueError("secret")) is None


def test_a_missing_page_says_so(hq_client: ChainClient) -> None:
    response = hq_client.get("/no/such/page/")
    assert response.status_code == 404
    assert "<nav" in response.content.decode()


def test_strangers_hear_nothing_of_stores_where_a_page_is_missing(
    hq_client: ChainClient, anonymous_client: ChainClient
) -> None:
    User.objects.update(language="en")
    assert "belongs to stores you do not work in." in text_of(hq_client.get("/no/such/page/"))
    anonymous_client.cookies["django_language"] = "en"
    said = text_of(anonymous_client.get("/no/such/page/", follow=True))
    assert "stores you do not work in" not in said


def test_a_nul_in_an_address_is_not_found_and_in_a_query_or_form_refused(hq_client: ChainClient) -> None:
    User.objects.update(language="zh-hans")
    assert hq_client.get("/stores/%00/").status_code == 404
    for response in (
        hq_client.get("/clients/?q=a%00b"),
        hq_client.get("/clients/?a%00b=1"),
        hq_client.post("/language/", {"language": "a\0"}),
        hq_client.post("/language/?next=%00", {"language": "en"}),
    ):
        assert response.status_code == 400
        assert "无法" in text_of(response)


def test_cookies_with_a_nul_are_none(hq_client: ChainClient) -> None:
    assert hq_client.get("/clients/", headers={"cookie": r'sessionid="a\000b"'}).status_code == 302
