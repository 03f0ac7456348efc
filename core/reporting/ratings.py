"""Whether stores that are rated better see more clients again: M7's coefficient."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from core.reporting.data import Data
from core.reporting.grouped_counts import cached, grouped_counts_by_period
from core.reporting.periods import Period, add_months
from core.reporting.question import Question
from core.reporting.statistics.correlation import DRAWS, SEED, correlation
from core.reporting.statistics.proportions import MINIMUM_CLIENTS


def rating_correlation(question: Question, data: Data) -> Mapping[str, Any]:
    """Over stores in the whole quarters of the period."""
    found = cached("rating_correlation", question, data, lambda: correlation(_cells(question, data)))
    return {
        "correlation": {
            "r": found.r,
            "ci95": list(found.interval) if found.interval else None,
            "cells": found.cells,
            "stores": found.stores,
            "draws": DRAWS,
            "seed": SEED,
            "reason": found.reason,
        }
    }


def quarters(period: Period) -> list[tuple[date, date]]:
    """Calendar quarters that lie in the period."""
    first = date(period.start.year, (period.start.month - 1) // 3 * 3 + 1, 1)
    start = first if first == period.start else add_months(first, 3)
    found = []
    while (end := add_months(start, 3)) <= period.end:
        found.append((start, end))
        start = end
    return found


def _cells(question: Question, data: Data) -> list[tuple[str, float, float]]:
    periods = quarters(question.period)
    if not periods:
        return []
    by_store = replace(question, by="store", metric="repurchase_rate")
    rates = grouped_counts_by_period(by_store, periods, data)
    volumes = grouped_counts_by_period(replace(by_store, metric="volumes"), periods, data)
    cells = []
    for of_rates, of_volumes in zip(rates, volumes, strict=True):
        ratings = {store: estimate.figure("mean_rating") for store, estimate in of_volumes.by_group.items()}
        cells += [
            (store, rating, estimate.value)
            for store, estimate in of_rates.by_group.items()
            if estimate.clients >= MINIMUM_CLIENTS
            and estimate.value is not None
            and (rating := ratings.get(store)) is not None
        ]
    return cells
