"""`revisit report METRIC`."""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.reporting.answers import answer
from core.reporting.data import Data
from core.reporting.metrics import METRICS
from core.reporting.question import Question
from core.reporting.why import CHAIN, Pair, why, why_document
from core.stores.models import Store
from tenants.models import Chain
from tests.plugins.chains import outside_chains

PERIOD = ("--chain", "acme", "--from", "2025-01-01", "--to", "2026-01-01")
YEAR: dict[str, Any] = {"start": date(2025, 1, 1), "end": date(2026, 1, 1)}


def run(*arguments: str) -> str:
    out = StringIO()
    with outside_chains():
        call_command("report", *arguments, stdout=out)
    return out.getvalue()


def test_json_is_the_function_s_document(salon: dict[str, Store]) -> None:
    printed = json.loads(
        run(
            "return_within",
            *PERIOD,
            "--by",
            "store",
            "--within",
            "30",
            "--region",
            "华东",
            "--basis",
            "purchase",
            "--json",
        )
    )
    question = Question(metric="return_within", by="store", within=30, region="华东", basis="purchase", **YEAR)
    assert printed == json.loads(json.dumps(answer(question).as_json()))
    assert printed["parameters"] == {"within": 30, "region": "华东"}
    assert [group["key"] for group in printed["groups"]] == ["S001", "S002"]
    assert printed["groups"][0].keys() == {
        "key", "label", "clients", "returned", "followed", "not_mature", "value", "ci95", "small_sample",
    }  # fmt: skip


def test_a_metric_with_horizons_takes_its_usual_one(salon: dict[str, Store]) -> None:
    assert json.loads(run("return_within", *PERIOD, "--json"))["parameters"] == {"within": 90}


@pytest.mark.parametrize("metric", METRICS)
def test_people_read_a_table_of_any_metric(salon: dict[str, Store], metric: str) -> None:
    printed = run(metric, *PERIOD, "--by", "city_tier")
    assert "First tier" in printed
    total = answer(Question(metric=metric, within=next(iter(METRICS[metric].horizons), None), **YEAR)).total
    assert METRICS[metric].unit.text(total.value) in printed.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("return_within", "--within", "45"), "within: Choose one of these numbers of days: 90, 30, 60, 180."),
        (("repurchase_rate", "--within", "30"), "within: Repurchase rate has no number of days to choose."),
        (("return_within", "--category", "nails"), "category: There is no category “nails”."),
        (("return_within", "--city-tier", "moon"), "city_tier: There is no city tier “moon”. Choose another one"),
        (("repurchase_rate", "--store", "S999"), "store: There is no store “S999”. Choose another one"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_exit_status_1(
    chain: Chain, salon: dict[str, Store], arguments: tuple[str, ...], message: str
) -> None:
    with pytest.raises(CommandError, match=message) as caught:
        run(*arguments, *PERIOD)
    assert caught.value.returncode == 1


def test_what_cannot_be_compared_is_refused_with_the_reason(salon: dict[str, Store]) -> None:
    early = ("--chain", "acme", "--from", "2024-01-01", "--to", "2025-01-01", "--compare", "year_before")
    with pytest.raises(CommandError, match=r"compare: This cannot.*The data begins on 5 Jan 2024") as caught:
        run("repurchase_rate", *early)
    assert caught.value.returncode == 1


def test_an_unknown_metric_is_wrong_usage(chain: Chain) -> None:
    with pytest.raises(CommandError, match="argument METRIC"):
        run("happiness", *PERIOD)


def test_why_two_groups_differ_stands_beside_the_document(salon: dict[str, Store]) -> None:
    asked = ("repurchase_rate", *PERIOD, "--by", "store", "--json")
    plain = json.loads(run(*asked))
    pair = Pair(one="S003", other=CHAIN, split="category")
    found = json.loads(run(*asked, "--one", "S003", "--other", CHAIN, "--split", "category"))
    assert found.pop("why") == why_document(why(Question(**YEAR, by="store"), pair, Data()))
    assert found == plain


def test_half_a_pair_is_refused(salon: dict[str, Store]) -> None:
    with pytest.raises(CommandError, match="other: No client of the period is in"):
        run("repurchase_rate", *PERIOD, "--by", "store", "--one", "S003")
