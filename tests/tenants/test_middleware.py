import pytest
from django.db import DatabaseError, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from core.shared.chain import current_chain
from tenants.middleware import ChainMiddleware
from tenants.models import Chain, Domain
from tenants.postgresql_backend.current import connection
from tests.plugins.chains import ChainClient, outside_chains, signed_in


def where(host, path="/"):
    """The schema a request to that host is answered in, or the refusal."""
    request = RequestFactory().get(path, headers={"host": host})
    response = ChainMiddleware(lambda _request: HttpResponse(connection().schema_name))(request)
    return (response.status_code, response.content.decode())


@pytest.fixture
def outside(chain):
    with outside_chains():
        yield


@pytest.mark.parametrize(
    ("host", "schema"),
    [
        ("acme.localhost", "acme"),
        ("ACME.localhost:8000", "acme"),
        ("acme.localhost.", "acme"),
        ("other.localhost", "other"),
        ("localhost:8000", "public"),
        ("127.0.0.1", "public"),
    ],
)
def test_the_host_names_the_chain(outside, host, schema):
    assert where(host) == (200, schema)


@pytest.mark.parametrize(
    "host",
    ["nobody.localhost", "www.acme.localhost", "acme.localhost.evil.com", "evil.com", "acme.localhost/x", "[::2]", ""],
)
def test_an_unknown_host_gets_a_plain_404(outside, host):
    assert where(host) == (404, "Not found\n")


def test_a_second_domain_of_a_chain(chain):
    with outside_chains():
        Domain(domain="salon.localhost", tenant=chain, is_primary=False).save()
        assert where("salon.localhost") == (200, "acme")


def test_the_forwarded_host_changes_nothing(outside):
    request = RequestFactory().get("/", headers={"host": "acme.localhost", "x-forwarded-host": "other.localhost"})
    ChainMiddleware(lambda _request: HttpResponse())(request)
    assert connection().schema_name == "acme"


def test_each_request_starts_anew(outside):
    for host, schema in (("acme.localhost", "acme"), ("localhost", "public"), ("other.localhost", "other")):
        assert where(host) == (200, schema)


def test_after_a_failed_transaction_the_next_request_stands_where_it_should(outside):
    with pytest.raises(DatabaseError), transaction.atomic(), connection().cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert where("acme.localhost") == (200, "acme")
    assert current_chain().schema_name == "acme"


@pytest.mark.urls("tests.tenants.urls")
def test_a_session_is_valid_in_its_own_chain_only(hq_user, other_client):
    client = signed_in(hq_user, host="acme.localhost")
    assert client.get("/").content == b"hq@acme.test in acme"
    assert other_client.get("/").content == b"hq@other.test in other"
    elsewhere = ChainClient(headers={"host": "other.localhost"})
    elsewhere.cookies = client.cookies
    assert elsewhere.get("/").content == b"AnonymousUser in other"


@pytest.mark.urls("tests.tenants.urls")
def test_the_test_client_leaves_the_test_in_its_chain(chain, other_client):
    other_client.get("/")
    assert current_chain().schema_name == "acme"


@pytest.mark.parametrize(
    ("host", "promised"),
    [("acme.localhost", "max-age=60; includeSubDomains; preload"), ("salon.example.com", "max-age=60")],
)
def test_a_domain_of_the_chains_own_promises_nothing_for_the_hosts_below_it(
    chain: Chain, settings: Settings, host: str, promised: str
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.SECURE_HSTS_SECONDS = 60
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    with outside_chains():
        Domain.objects.create(tenant=chain, domain="salon.example.com")
    response = ChainClient(headers={"host": host}).get("/sign-in/", secure=True)
    assert response.status_code == 200
    assert response.headers["Strict-Transport-Security"] == promised
