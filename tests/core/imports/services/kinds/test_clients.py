"""Names of a register that stand in two columns."""

from collections.abc import Callable

import pytest

from core.clients.models import Client
from core.imports.services.results import ImportResult
from core.imports.services.values.texts import joined_name

Bring = Callable[..., ImportResult]


@pytest.mark.usefixtures("chain")
def test_first_and_last_name(bring: Bring) -> None:
    bring(
        "clients",
        "Client ID,First Name,Last Name,Mobile Number\n1,Anna,Example,07700 900001\n2,小明,王,1\n3,Bea,,2\n4,,,3\n",
    )
    assert dict(Client.objects.values_list("ref", "name")) == {"1": "Anna Example", "2": "王小明", "3": "Bea", "4": ""}
    assert Client.objects.get(ref="1").phone == "07700 900001"
    assert bring("clients", "Client ID,First Name,Last Name\n1,Anna,Example\n4,,\n").unchanged == 2


@pytest.mark.usefixtures("chain")
def test_a_column_with_the_whole_name_goes_before(bring: Bring) -> None:
    bring("clients", "Client ID,Name,First Name,Last Name\n1,Anna B. Example,Anna,Example\n")
    assert Client.objects.get().name == "Anna B. Example"


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("Anna", "Example", "Anna Example"),
        ("小明", "王", "王小明"),
        ("花子", "山田", "山田花子"),
        ("민수", "김", "김민수"),
    ],
)
def test_the_order_of_names(first: str, last: str, name: str) -> None:
    assert joined_name(first, last) == name
