"""A metric in addresses, by its name there: `<metric:metric>`."""

from django.urls import register_converter

from core.reporting.metrics import BY_SLUG
from core.reporting.metrics.base import Metric


class MetricConverter:
    regex = "|".join(BY_SLUG)

    def to_python(self, value: str) -> Metric:
        return BY_SLUG[value]

    def to_url(self, value: str | Metric) -> str:
        return value.slug if isinstance(value, Metric) else value


# Once: an app may be told more than once that it is ready.
register_converter(MetricConverter, "metric")
