"""Stores that are opened from a file."""

from collections.abc import Callable

import pytest

from core.imports.services.results import ImportRefused, ImportResult
from core.stores.models import Store, StoreLocation
from core.visits.models import Visit
from tenants.models import Chain

Bring = Callable[..., ImportResult]
FILE = "client_ref,started_at,amount\nC1,2025-03-04,1\n"


def test_the_first_store_of_a_chain_is_asked_about(bring: Bring, chain: Chain) -> None:
    with pytest.raises(ImportRefused) as refused:
        bring("visits", FILE, create_missing=True)
    (question,) = refused.value.result.open_questions
    assert question.key == "first:store"
    assert "create:上海" in {choice.value for choice in question.choices}
    assert not Store.objects.exists()
    bring("visits", FILE, create_missing=True, answers={"first:store": "create:上海"})
    assert StoreLocation.objects.values_list("store__name", "city", "city_tier").get() == (chain.name, "上海", "一线")
    assert Visit.objects.get().store == Store.objects.get()
    # From now on there is nothing to ask.
    assert bring("visits", FILE, create_missing=True).unchanged == 1


def test_elsewhere_the_city_is_added_later(bring: Bring, chain: Chain) -> None:
    chain.country = "GB"
    bring("visits", FILE, create_missing=True)
    assert Store.objects.get().name == chain.name
    named = "client_ref,started_at,amount,store_code\nC1,2025-03-05,1,High Street\n"
    bring("visits", named, create_missing=True, answers={"store:High Street": "create:"})
    assert StoreLocation.objects.values_list("city", flat=True).get(store__code="High Street") == ""


@pytest.mark.usefixtures("stores")
def test_where_there_are_several_the_file_has_to_name_one(refusal: Callable[..., list[str]]) -> None:
    (message,) = refusal("visits", FILE, create_missing=True)
    assert "Where all rows are of one store, name that store." in message
