"""Opening and closing stores, as far as the plan goes."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.imports.services.imports import import_file
from core.imports.services.options import ImportOptions
from core.shared.errors import AppError
from core.staff.models import StaffMember
from core.stores.models import Store
from core.stores.services.stores import close_store, open_store, reopen_store
from tenants.models import Chain
from tests.plugins.chains import make_user
from tests.plugins.numbers import take_next_number

PLACE = {"city": "上海", "city_tier": "一线", "region": "华东"}
YESTERDAY = timedelta(days=-1)


def limit(chain: Chain, **allowance: object) -> None:
    chain.allowance = {"plan": "chain", **allowance}


def today() -> date:
    return timezone.localdate()


@pytest.fixture
def brought(tmp_path: Path) -> Path:
    return tmp_path / "file.csv"


def bring(kind: str, path: Path, text: str, **options: object) -> None:
    path.write_text(text)
    import_file(kind=kind, source=path, options=ImportOptions(**options))  # type: ignore[arg-type]


def test_as_many_as_the_plan_allows_and_no_more(chain: Chain, hq_user: User) -> None:
    limit(chain, stores=2)
    for code in ("A", "B"):
        open_store(code=code, name=code, acting_user=hq_user, **PLACE)
    with pytest.raises(AppError) as refused:
        open_store(code="C", name="C", acting_user=hq_user, **PLACE)
    assert (refused.value.code, refused.value.status, refused.value.extra["used"]) == ("plan_limit", 402, 3)
    assert set(Store.objects.values_list("code", flat=True)) == {"A", "B"}
    assert AuditEntry.objects.filter(action="store.opened").count() == 2


def test_a_closed_store_makes_room_and_takes_it_back(chain: Chain, hq_user: User) -> None:
    limit(chain, stores=1)
    open_store(code="A", name="A", **PLACE)
    close_store(code="A", closed_on=today(), acting_user=hq_user)
    open_store(code="B", name="B", **PLACE)
    with pytest.raises(AppError) as refused:
        reopen_store(code="A", acting_user=hq_user)
    assert refused.value.code == "plan_limit"
    assert Store.objects.get(code="A").closed_on == today()
    close_store(code="B", closed_on=today(), acting_user=hq_user)
    assert reopen_store(code="A", acting_user=hq_user).closed_on is None


def test_a_store_is_open_until_the_day_it_closes(chain: Chain, hq_user: User) -> None:
    open_store(code="A", name="A", **PLACE)
    close_store(code="A", closed_on=today() + timedelta(days=1), acting_user=hq_user)
    assert Store.objects.open().count() == 1
    close_store(code="A", closed_on=today(), acting_user=hq_user)
    assert Store.objects.open().count() == 0
    entry = AuditEntry.objects.filter(action="store.closed").latest("pk")
    assert entry.after == {"closed_on": today().isoformat()}


def test_it_does_not_close_before_it_opened(chain: Chain, hq_user: User) -> None:
    open_store(code="A", name="A", opened_on=today(), **PLACE)
    with pytest.raises(AppError) as refused:
        close_store(code="A", closed_on=today() + YESTERDAY, acting_user=hq_user)
    assert refused.value.field == "closed_on"


def test_a_code_is_there_once(chain: Chain, hq_user: User) -> None:
    open_store(code="A", name="A", **PLACE)
    with pytest.raises(AppError) as refused:
        open_store(code="A", name="Another", acting_user=hq_user, **PLACE)
    assert (refused.value.code, refused.value.field) == ("code_taken", "code")


@pytest.mark.parametrize("role", ["regional_manager", "store_manager", "front_desk", "beautician"])
def test_others_do_not_open_or_close(chain: Chain, role: str) -> None:
    user = make_user("someone@acme.test", role=role)
    open_store(code="A", name="A", **PLACE)
    for refused in (
        lambda: open_store(code="B", name="B", acting_user=user, **PLACE),
        lambda: close_store(code="A", closed_on=today(), acting_user=user),
        lambda: reopen_store(code="A", acting_user=user),
    ):
        with pytest.raises(AppError) as error:
            refused()
        assert error.value.status == 403
    assert list(Store.objects.values_list("code", "closed_on")) == [("A", None)]


def test_an_import_of_stores_that_does_not_fit_is_refused_whole(chain: Chain, brought: Path) -> None:
    limit(chain, stores=2)
    open_store(code="A", name="A", **PLACE)
    head = "store_code,name,city\n"
    with pytest.raises(AppError) as refused:
        bring("stores", brought, f"{head}B,B,上海\nC,C,上海\n")
    assert "The plan covers 2 open stores, and there would be 3." in str(refused.value)
    assert Store.objects.count() == 1
    bring("stores", brought, f"{head}A,Renamed,上海\nB,B,上海\n")
    assert Store.objects.count() == 2


def test_what_is_over_the_limit_already_can_still_be_corrected(chain: Chain, brought: Path) -> None:
    for code in ("A", "B"):
        open_store(code=code, name=code, **PLACE)
    limit(chain, stores=1)
    bring("stores", brought, "store_code,name,city\nA,Renamed,上海\n")
    assert Store.objects.get(code="A").name == "Renamed"


def test_an_import_of_staff_that_does_not_fit_is_refused_whole(chain: Chain, store: Store, brought: Path) -> None:
    limit(chain, staff=1)
    head = "staff_code,name,store_code\n"
    with pytest.raises(AppError) as refused:
        bring("staff", brought, f"{head}E1,One,S001\nE2,Two,S001\n")
    assert refused.value.extra["limit"] == "staff"
    assert not StaffMember.objects.exists()
    bring("staff", brought, f"{head}E1,One,S001\n")
    bring("staff", brought, f"{head}E1,Changed,S001\n")
    assert StaffMember.objects.get().name == "Changed"


def test_staff_made_on_the_way_count_too(chain: Chain, store: Store, brought: Path) -> None:
    limit(chain, staff=1)
    rows = "started_at,amount,staff_code,client_ref\n2025-01-02,5,E1,K1\n"
    with pytest.raises(AppError) as refused:
        bring("visits", brought, f"{rows}2025-01-03,5,E2,K1\n", store="S001", create_missing=True)
    assert refused.value.code == "plan_limit"
    assert not StaffMember.objects.exists()
    bring("visits", brought, rows, store="S001", create_missing=True)
    assert StaffMember.objects.count() == 1


def test_a_chain_without_a_plan_has_no_limits_and_is_not_counted(chain: Chain, hq_user: User) -> None:
    assert chain.allowance is None
    for number in range(60):
        open_store(code=f"S{number}", name="S", **PLACE)
    assert Store.objects.open().count() == 60


def test_a_number_that_is_taken_is_no_code_that_is_taken(chain: Chain, hq_user: User) -> None:
    take_next_number(Store, code="A", name="A")
    with pytest.raises(IntegrityError, match="stores_store_pkey"), transaction.atomic():
        open_store(code="B", name="B", acting_user=hq_user, **PLACE)
    with pytest.raises(AppError) as refused:
        open_store(code="A", name="A", acting_user=hq_user, **PLACE)
    assert refused.value.code == "code_taken"
