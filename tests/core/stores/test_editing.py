"""Correcting a store and deleting one that was made by mistake."""

from datetime import date
from decimal import Decimal

import pytest

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.reporting.answers import answer
from core.reporting.question import Question
from core.shared.errors import AppError
from core.stores.models import BEGINNING, Store
from core.stores.services.editing import change_store, delete_store
from core.visits.models import Visit
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit

HERE = {"city": "上海", "city_tier": "一线", "region": "华东"}
THERE = {"city": "苏州", "city_tier": "新一线", "region": "华东"}


def values(store: Store, **changed: object) -> dict[str, object]:
    return {"code": store.code, "name": store.name, "opened_on": store.opened_on, **changed}


def test_visits_and_figures_follow_a_store_that_is_renamed(salon: dict[str, Store], hq_user: User) -> None:
    question = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="store")
    before = {group.key: group.value for group in answer(question).groups}
    place = {name: getattr(salon["S001"].last_location, name) for name in HERE}
    change_store(code="S001", values=values(salon["S001"], code="X", name="New"), place=place, acting_user=hq_user)
    groups = {group.key: group for group in answer(question).groups}
    assert {**{key: group.value for key, group in groups.items()}} == {
        {"S001": "X"}.get(key, key): value for key, value in before.items()
    }
    assert groups["X"].label == "New"
    entry = AuditEntry.objects.get(action="store.changed")
    assert (entry.before, entry.after) == (
        {"code": "S001", "name": "上海静安店"},
        {"code": "X", "name": "New"},
    )


def test_a_place_is_corrected_or_holds_from_a_day(store: Store, hq_user: User) -> None:
    change_store(code=store.code, values=values(store), place=HERE, acting_user=hq_user)
    assert [(one.valid_from, one.city) for one in store.locations.all()] == [(BEGINNING, "上海")]
    moved = date(2025, 5, 1)
    change_store(code=store.code, values=values(store), place=THERE, since=moved, acting_user=hq_user)
    assert [(one.valid_from, one.city) for one in store.locations.order_by("valid_from")] == [
        (BEGINNING, "上海"),
        (moved, "苏州"),
    ]


def test_figures_follow_the_place(salon: dict[str, Store], hq_user: User) -> None:
    question = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="city")
    assert "苏州" not in {group.key for group in answer(question).groups}
    change_store(code="S001", values=values(salon["S001"]), place=THERE, acting_user=hq_user)
    assert "苏州" in {group.key for group in answer(question).groups}


def test_a_code_of_another_store_is_refused(salon: dict[str, Store], hq_user: User) -> None:
    with pytest.raises(AppError) as refused:
        change_store(code="S001", values=values(salon["S001"], code="S002"), place=HERE, acting_user=hq_user)
    assert (refused.value.code, refused.value.field) == ("code_taken", "code")


def test_only_headquarters_may(store: Store, manager_user: User) -> None:
    with pytest.raises(AppError):
        change_store(code=store.code, values=values(store, name="X"), place=HERE, acting_user=manager_user)
    with pytest.raises(AppError):
        delete_store(code=store.code, acting_user=manager_user)
    assert Store.objects.get().name == store.name


def test_a_store_with_a_visit_is_not_deleted(store: Store, hq_user: User) -> None:
    record_visit(
        acting_user=hq_user, store=store, client=None, day=date(2025, 6, 1), lines=[NewLine(amount=Decimal(1))]
    )
    with pytest.raises(AppError) as refused:
        delete_store(code=store.code, acting_user=hq_user)
    assert refused.value.code == "store_has_records"
    Visit.objects.all().delete()
    delete_store(code=store.code, acting_user=hq_user)
    assert not Store.objects.exists()
    assert AuditEntry.objects.filter(action="store.deleted").exists()
