"""The table of what plans cover."""

from dataclasses import fields

import pytest

from billing.plans import PLANS, TRIAL
from billing.presentation.allowances import LABELS, compare_plans
from core.shared.plans import Entitlements


def test_all_that_plans_tell_apart_is_in_the_table() -> None:
    assert LABELS.keys() == {field.name for field in fields(Entitlements)} - {"plan"}


@pytest.mark.usefixtures("english")
def test_a_file_of_1_gb_is_part_of_every_plan() -> None:
    assert {plan.limits.upload_mb for plan in PLANS.values()} | {TRIAL.upload_mb} == {1024}
    [row] = [one for one in compare_plans() if one.title == LABELS["upload_mb"]]
    assert (row.values, row.is_there) == (("1.0\xa0GB", "1.0\xa0GB"), True)
