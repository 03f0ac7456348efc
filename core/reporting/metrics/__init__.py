"""The metrics of the dictionary, a module each."""

from core.reporting.metrics.base import Metric
from core.reporting.metrics.cohorts import Cohorts
from core.reporting.metrics.cycle import Cycle
from core.reporting.metrics.repeat_revenue_share import RepeatRevenueShare
from core.reporting.metrics.repurchase_rate import RepurchaseRate
from core.reporting.metrics.return_within import ReturnWithin
from core.reporting.metrics.satisfaction import Satisfaction
from core.reporting.metrics.value_segments import ValueSegments
from core.reporting.metrics.volumes import Volumes

_ALL: tuple[Metric, ...] = (
    RepurchaseRate(),
    ReturnWithin(),
    Volumes(),
    RepeatRevenueShare(),
    ValueSegments(),
    Cycle(),
    Satisfaction(),
    Cohorts(),
)
METRICS: dict[str, Metric] = {metric.code: metric for metric in _ALL}
BY_SLUG: dict[str, Metric] = {metric.slug: metric for metric in METRICS.values()}
