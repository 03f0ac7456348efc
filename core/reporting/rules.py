"""What can be asked: each combination that cannot is refused by one rule, with a code and the mend."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from core.reporting.metrics import METRICS
from core.reporting.metrics.base import Metric
from core.reporting.question import Question
from core.shared.errors import AppError

Rule = Callable[[Question, Metric], AppError | None]


def check(question: Question) -> None:
    """Raises AppError with the first rule that the question breaks."""
    metric = known_metric(question.metric)
    for rule in _RULES:
        if error := rule(question, metric):
            raise error


def known_metric(code: str) -> Metric:
    """Raises AppError for a metric there is none of."""
    if metric := METRICS.get(code):
        return metric
    message = _("There is no metric “%(metric)s”. Choose one of: %(known)s.")
    values = {"metric": code, "known": ", ".join(METRICS)}
    raise AppError("unknown_metric", message % values, field="metric", status=404)


def _period_is_not_empty(question: Question, _metric: Metric) -> AppError | None:
    if question.end > question.start:
        return None
    return AppError("empty_period", _("The period must end after it starts."), field="to")


def _breakdown_fits(question: Question, metric: Metric) -> AppError | None:
    if question.by in metric.breakdowns:
        return None
    message = _("%(metric)s cannot be broken down like this. Choose one of: %(allowed)s.")
    values = {"metric": metric.title, "allowed": ", ".join(metric.breakdowns)}
    return AppError("breakdown_not_offered", message % values, field="by")


def _horizon_fits(question: Question, metric: Metric) -> AppError | None:
    if question.within in metric.horizons or (question.within is None and not metric.horizons):
        return None
    if not metric.horizons:
        message = _("%(metric)s has no number of days to choose. Leave it out.") % {"metric": metric.title}
        return AppError("horizon_not_offered", message, field="within")
    message = _("Choose one of these numbers of days: %(allowed)s.")
    return AppError("unknown_horizon", message % {"allowed": ", ".join(map(str, metric.horizons))}, field="within")


def _scope_fits(question: Question, metric: Metric) -> AppError | None:
    if question.scope in metric.scopes:
        return None
    message = _("%(metric)s is of clients of the whole chain. Leave the scope out.") % {"metric": metric.title}
    return AppError("scope_not_offered", message, field="scope")


_RULES: tuple[Rule, ...] = (_period_is_not_empty, _breakdown_fits, _horizon_fits, _scope_fits)
