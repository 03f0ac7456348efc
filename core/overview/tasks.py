from dataclasses import replace
from datetime import timedelta

from celery import shared_task
from django.core.cache import cache

from core.jobs.base import LongChainTask
from core.overview.attention import attention
from core.overview.cards import cards, trend_lines
from core.reporting.answers import answer
from core.reporting.compare.change import shown_changes
from core.reporting.data import Data
from core.reporting.grouped_counts import KEPT_SECONDS
from core.reporting.periods import Period, usual_period
from core.reporting.place_table import COLUMNS, SHOWN_FIRST, TOPS, chain_trend, place_table, place_trends
from core.reporting.question import Question
from core.reporting.trend import trend


@shared_task(base=LongChainTask)
def prepare_reports() -> None:
    """Works out what headquarters see first (overview, table of places, cohorts), once for each state of the facts up
    to the as-of date: whoever asks finds it in the cache."""
    data = Data()
    as_of, begins = data.completeness.as_of, data.completeness.begins
    if as_of is None or begins is None:
        return
    state = f"prepared:{as_of}:{data.version((), as_of + timedelta(days=1))}"
    # Not for as long as answers are kept: some were there before.
    if not cache.add(state, 1, KEPT_SECONDS // 2):
        return
    try:
        _work_out(usual_period(as_of, begins), data)
    except Exception:
        # The next hour tries again.
        cache.delete(state)
        raise


def _work_out(period: Period, data: Data) -> None:
    """As the pages ask for it when they are opened without more."""
    question = Question(start=period.start, end=period.end, compare="year_before")
    cards(question, data)
    attention(question, data, follows_up=True)
    trend_lines(question, data)
    place_table(question, TOPS[0], [COLUMNS[key] for key in SHOWN_FIRST], data)
    place_trends(question, TOPS[0], COLUMNS["repurchase_rate"], data)
    chain_trend(question, COLUMNS["repurchase_rate"], data)
    cohorts = replace(question, metric="cohorts")
    answer(cohorts, data)
    shown_changes(cohorts, data)
    trend(cohorts, data)
