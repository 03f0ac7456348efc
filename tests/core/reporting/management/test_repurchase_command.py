"""`revisit repurchase`."""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.reporting.answers import answer
from core.reporting.question import Question
from core.stores.models import Store
from tenants.models import Chain
from tests.plugins.chains import outside_chains

PERIOD = ("--from", "2025-01-01", "--to", "2026-01-01")


def run(*arguments: str) -> str:
    out = StringIO()
    with outside_chains():
        call_command("repurchase", *arguments, stdout=out)
    return out.getvalue()


def test_json_is_the_function_s_document(salon: dict[str, Store]) -> None:
    printed = json.loads(run("--chain", "acme", *PERIOD, "--by", "store", "--json"))
    assert printed == json.loads(
        json.dumps(answer(Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="store")).as_json())
    )


def test_people_read_a_table(salon: dict[str, Store]) -> None:
    printed = run("--chain", "acme", *PERIOD, "--by", "city_tier")
    assert "First tier" in printed
    assert "48.3" in printed.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--chain", "nobody", *PERIOD), "there is no chain 'nobody'"),
        (("--chain", "acme", "--from", "2025-01-01", "--to", "2025-01-01"), "to: The period must end after it starts."),
    ],
)
def test_a_refusal_is_exit_status_1(chain: Chain, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message) as caught:
        run(*arguments)
    assert caught.value.returncode == 1


@pytest.mark.parametrize(
    "arguments",
    [("--chain", "acme", "--from", "yesterday", "--to", "2026-01-01"), ("--chain", "acme", *PERIOD, "--by", "moon")],
)
def test_wrong_usage_is_told_apart(chain: Chain, arguments: Any) -> None:
    with pytest.raises(CommandError, match="argument --"):
        run(*arguments)
