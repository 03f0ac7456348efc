"""Where, to whom and for what clients come back is what plain counting over the visits says."""

from collections import Counter
from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from core.accounts.models import User
from core.reporting.data import Data
from core.reporting.next_visits import category_matrix, flows
from core.reporting.question import BASES, SCOPES, Question
from core.stores.models import Store
from tenants.models import Chain
from tests.core.reporting.plain import plain_m1
from tests.core.reporting.plain_kinds import category
from tests.core.reporting.plain_metrics import entered
from tests.core.reporting.reading_once import reading_once
from tests.core.reporting.test_counting_properties import undone
from tests.core.reporting.test_metric_properties import happened

YEAR = Question(start=date(2025, 1, 1), end=date(2026, 1, 1))


@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_next_visits_are_those_of_plain_counting(chain: Chain, hq_user: User, data: st.DataObject) -> None:
    with undone(), reading_once():
        start, end, _category = happened(hq_user, data)
        question = Question(
            start=start, end=end, scope=data.draw(st.sampled_from(SCOPES)), basis=data.draw(st.sampled_from(BASES))
        )
        same_categories(question, "")
        same_flows(question, "")
        for tier in ("一线", "二线"):
            same_categories(replace(question, city_tier=tier), tier)
            same_flows(replace(question, city_tier=tier), tier)


def same_categories(question: Question, tier: str) -> None:
    plain: Counter[tuple[str, str]] = Counter()
    for one in entered(replace(question, by="city_tier" if tier else "none", city_tier=None)):
        if not tier or one.group == tier:
            days = [*one.days, None]
            following = category(one.member.first_visit(days[1])) if days[1] else ""
            plain[category(one.member.first_visit(one.days[0])), following] += 1
    rows = category_matrix(question, Data())
    found = {(row.key, key): number for row in rows for key, number in row.back.items()}
    found |= {(row.key, ""): row.clients - row.repeats for row in rows if row.clients > row.repeats}
    assert found == dict(plain), question


def same_flows(question: Question, tier: str) -> None:
    by = "city_tier" if tier else "none"
    asked = {"start": question.start, "end": question.end, "scope": question.scope, "basis": question.basis}
    plain = plain_m1(by=by, **asked).get(tier or "all")  # type: ignore[arg-type]
    found = flows(question, Data())
    if plain is None:
        assert found.clients == 0
        return
    counted = (found.clients, found.repeats, found.same_store, found.same_tier, found.same_person)
    assert counted == (plain.clients, plain.repeats, plain.same_store, plain.same_tier, plain.same_staff)
    assert found.same_store + found.same_tier + found.elsewhere == found.repeats
    members = entered(replace(question, by=by, city_tier=None))
    named = [
        one
        for one in members
        if one.repeats and (not tier or one.group == tier) and one.member.first_visit(one.days[0]).kept[0].staff
    ]
    assert found.named == len(named)


def test_queries_are_bounded(salon: dict[str, Store], django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(12):
        (row,) = category_matrix(YEAR, Data())
    assert (row.clients, row.repeats, dict(row.back)) == (120, 58, {"面部护理": 58})
    with django_assert_max_num_queries(16):
        found = flows(replace(YEAR, store="S001"), Data())
    assert (found.clients, found.repeats, found.same_store, found.named, found.same_person) == (40, 24, 24, 24, 24)
