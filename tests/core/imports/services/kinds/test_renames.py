"""Records whose code is another one now are renamed, not doubled."""

from collections.abc import Callable

import pytest

from core.catalogue.models import Service
from core.imports.services.results import ImportRefused, ImportResult
from core.staff.models import StaffMember
from core.stores.models import Store
from core.visits.models import VisitLine

Bring = Callable[..., ImportResult]
STORES = "store_code,name,city\n"


def known_stores() -> dict[str, str]:
    return dict(Store.objects.values_list("code", "name"))


def test_a_store_with_another_code_is_asked_about(bring: Bring, stores: list[Store]) -> None:
    file = STORES + "A1,salon s1,上海\n"
    with pytest.raises(ImportRefused) as refused:
        bring("stores", file)
    (question,) = refused.value.result.open_questions
    assert (question.key, question.rows, question.examples) == ("codes:changed", 1, ("salon s1: S1 → A1",))
    result = bring("stores", file, answers={"codes:changed": "same"})
    assert (result.created, result.updated) == (0, 1)
    assert known_stores() == {"A1": "salon s1", "S2": "Salon S2"}
    assert Store.objects.get(code="A1").pk == stores[0].pk


def test_or_it_is_another_one(bring: Bring, stores: list[Store]) -> None:
    bring("stores", STORES + "A1,Salon S1,上海\n", answers={"codes:changed": "other"})
    assert known_stores() == {"S1": "Salon S1", "S2": "Salon S2", "A1": "Salon S1"}


@pytest.mark.parametrize(
    "rows",
    [
        # The known one is in the file; two have the name; the name is another's.
        "S1,Salon S1,上海\nA1,Salon S1,上海\n",
        "A1,Salon S1,上海\nA2,Salon S1,上海\n",
        "A1,Salon S3,上海\n",
    ],
)
def test_where_the_name_says_nothing_it_is_not_asked(bring: Bring, stores: list[Store], rows: str) -> None:
    assert bring("stores", STORES + rows).created >= 1
    assert {"S1", "S2"} <= set(known_stores())


def test_what_visits_named_gets_its_code(bring: Bring, stores: list[Store]) -> None:
    """Stubs bear the name as their code; that is no question."""
    head = "client_ref,started_at,amount,store_code,item,staff_code\n"
    bring("visits", head + "C1,2025-03-04,1,S1,Ladies cut,Ann\n", create_missing=True)
    bring("services", "service_code,name,category\nH1,Ladies Cut,Hair\n")
    bring("staff", "staff_code,name,store_code\nE1,Ann,S1\n")
    assert Service.objects.values_list("code", "name", "category__name").get() == ("H1", "Ladies Cut", "Hair")
    assert StaffMember.objects.values_list("code", "name").get() == ("E1", "Ann")
    assert VisitLine.objects.get().current_category.name == "Hair"
