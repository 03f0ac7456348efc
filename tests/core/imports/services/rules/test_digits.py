"""Numbers whose digits a spreadsheet program has cut are never taken for a client, a receipt or a phone."""

from collections.abc import Callable

import pytest

from core.clients.models import Client
from core.imports.services.results import ImportRefused, ImportResult
from core.visits.models import Visit

Bring = Callable[..., ImportResult]
HEAD = "client_ref,visit_ref,started_at,amount,store_code\n"
pytestmark = pytest.mark.usefixtures("stores", "english")


def test_the_numbers_of_clients_are_asked(bring: Bring) -> None:
    content = HEAD + "1.38E+10,,2025-03-05,88,S1\n1.38E+10,,2025-04-05,88,S1\n13900000001,,2025-04-05,88,S1\n"
    with pytest.raises(ImportRefused) as refused:
        bring("visits", content, create_missing=True)
    (question,) = refused.value.result.open_questions
    assert (question.key, question.rows, question.examples) == ("digits:client_ref", 2, ("1.38E+10",))
    assert "Export the file again with this column as text" in question.text
    assert not Visit.objects.exists()
    result = bring("visits", content, create_missing=True, answers={"digits:client_ref": "empty"})
    assert result.created == 3
    assert list(Client.objects.values_list("ref", flat=True)) == ["13900000001"]
    with pytest.raises(ImportRefused) as refused:
        bring("visits", content, create_missing=True, answers={"digits:client_ref": "errors"})
    assert refused.value.result.rejected == 2


def test_a_cut_phone_is_nobody_s_number(bring: Bring) -> None:
    content = "client_phone,started_at,amount,store_code\n1.38E+10,2025-03-05,88,S1\n1.38E+10,2025-04-05,88,S1\n"
    content += "13900000001,2025-04-05,88,S1\n"
    with pytest.raises(ImportRefused) as refused:
        bring("visits", content, create_missing=True)
    assert [question.key for question in refused.value.result.open_questions] == ["digits:client_phone"]
    result = bring("visits", content, create_missing=True, answers={"digits:client_phone": "empty"})
    assert [finding.rows for finding in result.findings if finding.code == "lost_digits"] == [2]
    assert list(Client.objects.values_list("phone", flat=True)) == ["13900000001"]


def test_the_numbers_of_receipts_are_asked(bring: Bring) -> None:
    content = HEAD + "A,2.02503E+13,2025-03-05,88,S1\nB,2,025,2025-03-05,88,S1\n".replace("2,025", "7")
    with pytest.raises(ImportRefused) as refused:
        bring("visits", content, create_missing=True)
    assert [question.key for question in refused.value.result.open_questions] == ["digits:visit_ref"]


def test_a_register_refuses_them(refusal: Callable[..., list[str]]) -> None:
    message = "“1,38E+10” is a number whose digits a spreadsheet program has cut. Export the column as text."
    assert refusal("clients", 'client_ref,name\n"1,38E+10",Ann\nC2,Bea\n') == [f"line 2, client_ref: {message}"]


def test_a_phone_is_left_empty(bring: Bring) -> None:
    result = bring("clients", "client_ref,phone\nC1,1.38E+10\nC2,1.39e+10\nC3,13800000001\n")
    assert list(Client.objects.order_by("ref").values_list("phone", flat=True)) == ["", "", "13800000001"]
    (warning,) = result.findings
    assert (warning.code, warning.rows) == ("lost_digits", 2)


def test_no_service_is_made_of_one(refusal: Callable[..., list[str]]) -> None:
    content = "item,started_at,amount,store_code\n6.9E+12,2025-03-05,5,S1\n"
    (found,) = refusal("visits", content, create_missing=True)
    assert found.startswith("line 2, item: “6.9E+12” is a number whose digits")
