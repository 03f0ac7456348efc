"""The metrics of the dictionary, a module each."""

from core.reporting.metrics.base import Metric
from core.reporting.metrics.repurchase_rate import RepurchaseRate
from core.reporting.metrics.return_within import ReturnWithin

METRICS: dict[str, Metric] = {metric.code: metric for metric in (RepurchaseRate(), ReturnWithin())}
BY_SLUG: dict[str, Metric] = {metric.slug: metric for metric in METRICS.values()}
