"""The metrics of the dictionary, a module each."""

from core.reporting.metrics.base import Metric
from core.reporting.metrics.repurchase_rate import RepurchaseRate

METRICS: dict[str, Metric] = {metric.code: metric for metric in (RepurchaseRate(),)}
BY_SLUG: dict[str, Metric] = {metric.slug: metric for metric in METRICS.values()}


def metric_of(code: str) -> Metric:
    """Raises KeyError for a metric there is none of."""
    return METRICS[code]
