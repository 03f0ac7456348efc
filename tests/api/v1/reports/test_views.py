"""`GET /api/v1/reports/<metric>/`: the command's document, and a problem document for whatever cannot be answered."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django_tenants.utils import tenant_context
from pytest_django import DjangoAssertNumQueries

from core.accounts.models import User
from core.accounts.rights import CHAIN_ROLES
from core.audit.declaration import Action
from core.audit.models import AuditEntry
from core.reporting.declaration import COMPARE_STORES
from core.reporting.models import CachedPeriod
from core.reporting.question import FILTERS
from core.stores.models import Store
from tenants.models import Chain
from tests.isolation.test_nonsense import NONSENSE
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in

URL = "/api/v1/reports/repurchase_rate/"
YEAR = {"from": "2025-01-01", "to": "2026-01-01"}
PROBLEM = "application/problem+json"


def problem(response: Any, status: int) -> dict[str, Any]:
    """The document of a refused request, which changed nothing."""
    assert (response.status_code, response.headers["Content-Type"]) == (status, PROBLEM)
    document: dict[str, Any] = json.loads(response.content)
    assert document["status"] == status
    assert {"type", "title", "status", "code", "detail"} <= set(document)
    assert not CachedPeriod.objects.exists()
    assert not AuditEntry.objects.exclude(action=Action.SIGN_IN).exists()
    return document


def printed_by_command(metric: str, *arguments: str) -> Any:
    out = StringIO()
    with outside_chains():
        call_command("report", metric, "--chain", "acme", "--json", *arguments, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize(
    ("metric", "parameters"),
    [
        ("repurchase_rate", {}),
        *(("repurchase_rate", {"by": by}) for by in ("city_tier", "store", "category", "staff")),
        ("repurchase_rate", {"by": "store", "scope": "store", "basis": "purchase"}),
        ("repurchase_rate", {"region": "华东", "category": "面部护理"}),
        ("repurchase_rate", {"city_tier": "一线", "by": "city"}),
        ("return_within", {}),
        ("return_within", {"within": "60", "by": "store", "store": "S002"}),
    ],
)
@pytest.mark.usefixtures("english")
def test_the_document_is_the_commands(
    hq_client: ChainClient, salon: dict[str, Store], metric: str, parameters: dict[str, str]
) -> None:
    response = hq_client.get(f"/api/v1/reports/{metric}/", {**YEAR, **parameters})
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in {**YEAR, **parameters}.items()]
    assert json.loads(response.content) == printed_by_command(metric, *arguments)
    assert json.loads(response.content)["total"]["clients"] > 0


@pytest.mark.usefixtures("english")
def test_the_full_document_with_its_change_is_the_commands_too(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    response = hq_client.get(URL, {**YEAR, "by": "store", "full": "true", "compare": "year_before"})
    arguments = ["--from=2025-01-01", "--to=2026-01-01", "--by=store", "--full", "--compare=year_before"]
    document = response.json()
    assert document == printed_by_command("repurchase_rate", *arguments)
    assert document["funnel"]["stores"]
    assert document["total"]["before"] == 0.45


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    "pair",
    [
        {"one": "三线", "other": "一线"},
        {"one": "三线", "other": "(chain)", "split": "category"},
        {"one": "一线", "other": "(before)", "split": "acquisition", "compare": "year_before"},
    ],
)
def test_why_two_groups_differ_is_told_as_by_the_command(
    hq_client: ChainClient, salon: dict[str, Store], pair: dict[str, str]
) -> None:
    parameters = {**YEAR, "by": "city_tier", **pair}
    document = hq_client.get(URL, parameters).json()
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in parameters.items()]
    assert document == printed_by_command("repurchase_rate", *arguments)
    assert document["why"]["one"]["key"] == pair["one"]
    assert document["why"]["gap"] is not None


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"one": "三线"}, "other"),
        ({"other": "一线"}, "one"),
        ({"split": "category"}, "other"),
        ({"one": "五线", "other": "一线"}, "one"),
        ({"one": "三线", "other": "一线", "split": "moon"}, "split"),
        ({"one": "三线", "other": "三线"}, "other"),
    ],
)
def test_a_pair_that_cannot_be_told_of_is_refused(
    hq_client: ChainClient, salon: dict[str, Store], parameters: dict[str, str], field: str
) -> None:
    response = hq_client.get(URL, {**YEAR, "by": "city_tier", **parameters})
    assert response.status_code in (400, 404)
    assert {error["field"] for error in response.json()["errors"]} == {field}


@pytest.mark.usefixtures("english")
def test_what_cannot_be_compared_is_refused_with_the_reason(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    response = hq_client.get(URL, {"from": "2024-01-01", "to": "2025-01-01", "compare": "year_before"})
    document = problem(response, 400)
    assert (document["code"], document["errors"][0]["field"]) == ("not_comparable", "compare")
    assert "The data begins on 5 Jan 2024, so that 2023 is not complete in it." in document["detail"]


@pytest.mark.usefixtures("english")
def test_an_empty_chain_has_an_answer_too(hq_client: ChainClient) -> None:
    printed = printed_by_command("repurchase_rate", "--from=2025-01-01", "--to=2026-01-01")
    assert hq_client.get(URL, YEAR).json() == printed


@pytest.mark.parametrize("role", CHAIN_ROLES)
def test_it_takes_the_right_to_compare_stores(chain: Chain, salon: dict[str, Store], role: str) -> None:
    client = signed_in(make_user("someone@acme.test", role=role), host="acme.localhost")
    response = client.get(URL, YEAR)
    if COMPARE_STORES.belongs_to(role):
        assert response.status_code == 200
    else:
        assert problem(response, 403)["code"] == "forbidden"


def test_who_is_not_signed_in_is_told_so(anonymous_client: ChainClient) -> None:
    for path in (URL, "/api/v1/reports/no_such/"):
        response = anonymous_client.get(path, YEAR)
        assert problem(response, 401)["code"] == "not_signed_in"
        assert response.headers["WWW-Authenticate"] == "Session"


def test_another_chains_session_is_nobodys(hq_user: User, salon: dict[str, Store], other_chain: Chain) -> None:
    abroad = ChainClient(headers={"host": "other.localhost"})
    abroad.cookies = signed_in(hq_user, host="acme.localhost").cookies
    with tenant_context(other_chain):
        assert problem(abroad.get(URL, YEAR), 401)["code"] == "not_signed_in"


def test_each_chain_is_answered_of_its_own(other_client: ChainClient, salon: dict[str, Store]) -> None:
    response = other_client.get(URL, {**YEAR, "by": "store"})
    assert response.json()["total"]["clients"] == 0
    assert "S001" not in response.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_it_is_only_read(hq_client: ChainClient, salon: dict[str, Store], method: str) -> None:
    response = getattr(hq_client, method)(URL)
    assert problem(response, 405)["code"] == "method_not_allowed"
    assert response.headers["Allow"] == "GET, HEAD"


def test_a_metric_that_is_not_known_is_not_found(hq_client: ChainClient) -> None:
    document = problem(hq_client.get("/api/v1/reports/no_such/", YEAR), 404)
    assert document["code"] == "unknown_metric"
    assert "repurchase_rate, return_within" in document["detail"]


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("parameters", "field", "code", "detail"),
    [
        ({"frm": "2025-01-01"}, "frm", "unknown_parameter", "no parameter “frm” here. Choose from: from, to, by"),
        ({"format": "json"}, "format", "unknown_parameter", "no parameter “format”"),
        ({"through": "2025-12-31"}, "through", "unknown_parameter", "no parameter “through”"),
        ({"by": ["city", "store"]}, "by", "repeated_parameter", "once"),
        ({"from": ""}, "from", "required", "such as 2025-03-31"),
        ({"to": ""}, "to", "required", "such as 2025-03-31"),
        ({"from": "yesterday"}, "from", "date", "“yesterday” is not a date"),
        ({"to": "3025-01-01"}, "to", "range", "out of range"),
        ({"to": "2025-01-01"}, "to", "empty_period", "ends before it starts"),
        ({"by": "moon"}, "by", "choice", "Choose one of: none, city_tier"),
        ({"scope": "moon"}, "scope", "choice", "Choose one of: chain, store"),
        ({"basis": "moon"}, "basis", "choice", "Choose one of: visit, purchase"),
        ({"full": "yes"}, "full", "choice", "Choose one of: true, false"),
        ({"compare": "moon"}, "compare", "choice", "Choose one of: none, year_before, period_before"),
        ({"within": "60"}, "within", "horizon_not_offered", "Leave it out"),
        ({"within": "soon"}, "within", "invalid", "whole number"),
        ({"category": "x" * 201}, "category", "max_length", "200"),
        ({"category": "moon"}, "category", "unknown_category", "moon"),
        ({"member_tier": "moon"}, "member_tier", "unknown_member_tier", "moon"),
        ({"region": "moon"}, "region", "unknown_region", "There is no region “moon”. Choose another one"),
        ({"city_tier": "moon"}, "city_tier", "unknown_city_tier", "There is no city tier “moon”. Choose another one"),
        ({"city": "moon"}, "city", "unknown_city", "There is no city “moon”. Choose another one"),
        ({"store": "S999"}, "store", "unknown_store", "There is no store “S999”. Choose another one"),
    ],
)
def test_a_parameter_at_fault_is_named(
    hq_client: ChainClient, salon: dict[str, Store], parameters: dict[str, Any], field: str, code: str, detail: str
) -> None:
    document = problem(hq_client.get(URL, {**YEAR, **parameters}), 400)
    (error,) = document["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert detail in error["detail"]
    assert document["code"] in {"bad_parameters", code}


def test_all_that_is_wrong_is_said_at_once(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    document = problem(hq_client.get("/api/v1/reports/return_within/", {"by": "moon", "within": "61", "x": "1"}), 400)
    assert [(error["field"], error["code"]) for error in document["errors"]] == [
        ("x", "unknown_parameter"), ("by", "choice"), ("within", "choice"), ("from", "required"), ("to", "required"),
    ]  # fmt: skip
    assert document["code"] == "bad_parameters"


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_of_nonsense_is_answered_or_refused(
    hq_client: ChainClient, salon: dict[str, Store], name: str
) -> None:
    for value in NONSENSE:
        response = hq_client.get(URL, QUERY_STRING=f"from=2025-01-01&to=2026-01-01&{name}={value}")
        assert (response.status_code, response.headers["Content-Type"]) in {(200, "application/json"), (400, PROBLEM)}
        assert json.loads(response.content), value


def test_answers_are_json_alone(hq_client: ChainClient, salon: dict[str, Store]) -> None:
    assert problem(hq_client.get(URL, YEAR, headers={"accept": "text/html"}), 406)["code"] == "not_acceptable"


@pytest.mark.parametrize("by", ["none", "store", "category", "staff"])
def test_its_queries_are_bounded(
    hq_client: ChainClient, salon: dict[str, Store], by: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    hq_client.get(URL, {**YEAR, "by": by})
    with django_assert_max_num_queries(10):
        hq_client.get(URL, {**YEAR, "by": by})
