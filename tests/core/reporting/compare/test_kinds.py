"""Whatever happens to visits, clients of each kind are those that plain counting finds."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.accounts.models import User
from core.catalogue.models import ServiceCategory
from core.clients.models import Client
from core.membership.models import MemberTier
from core.reporting.compare.kinds import SPLITS, KindCounts, Split, kind_names, splits_of
from core.reporting.completeness import completeness
from core.reporting.data import Data
from core.reporting.question import BASES, BREAKDOWNS, SCOPES, Question
from core.reporting.spend_thresholds import set_spend_thresholds
from core.stores.models import Store
from core.visits.services.lines import NewLine
from core.visits.services.visits import record_visit
from tenants.models import Chain
from tests.core.reporting import plain_kinds
from tests.core.reporting.reading_once import reading_once
from tests.core.reporting.test_counting_properties import undone
from tests.core.reporting.test_metric_properties import happened


@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_kinds_are_those_of_plain_counting(chain: Chain, hq_user: User, data: st.DataObject) -> None:
    """Value thresholds are such as the amounts of the events cross."""
    with undone(), reading_once(), pytest.MonkeyPatch.context() as patch, translation.override("en"):
        start, end, category = happened(hq_user, data)
        if data.draw(st.booleans()):
            # So that the data reaches back.
            lines = [NewLine(amount=Decimal(7), category=ServiceCategory.objects.get(name="f"))]
            client, store = Client.objects.get(ref="0"), Store.objects.get(code="b")
            record_visit(acting_user=hq_user, store=store, client=client, day=date(2023, 11, 1), lines=lines)
        set_spend_thresholds(high_above=20, mid_from=10, acting_user=hq_user)
        patch.setattr("tests.core.reporting.plain_metrics.HIGH", 2_000)
        patch.setattr("tests.core.reporting.plain_metrics.MID", 1_000)
        for by in BREAKDOWNS:
            scope, basis = data.draw(st.sampled_from(SCOPES)), data.draw(st.sampled_from(BASES))
            question = Question(start=start, end=end, by=by, scope=scope, basis=basis, category=category)
            plain = plain_kinds.kinds(question)
            for split in splits_of(question):
                same_kinds(question, split, plain[split])


def same_kinds(question: Question, split: Split, plain: dict[str, plain_kinds.Table]) -> None:
    counts = KindCounts.of(question, split, Data(), without=frozenset())
    begins = completeness().begins
    if split == "value_segment" and (begins is None or begins > question.start - timedelta(days=365)):
        assert not counts.is_known or not counts.cells["clients"].size
        return
    assert {key for key in counts.raw_keys if counts.cells["clients"][counts.group(key)].any()} == plain.keys()
    codes = dict(MemberTier.objects.values_list("name", "code"))
    for key, expected in plain.items():
        table = counts.table(counts.group(key))
        names = kind_names(table, counts.columns)
        found = {names[kind]: both for kind, both in table.items()}
        if split == "member_tier":
            found = {codes.get(name, name): both for name, both in found.items()}
        assert found == expected, (question, split)


def test_nothing_is_split_by_what_its_groups_are_told_by() -> None:
    asked = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="city_tier")
    assert splits_of(asked) == list(SPLITS)
    by_tier = Question(start=date(2025, 1, 1), end=date(2026, 1, 1), by="member_tier", category="f")
    assert splits_of(by_tier) == ["usual", "acquisition", "value_segment"]
