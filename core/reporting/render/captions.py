"""What a chart says of itself where it stands alone."""

from django.utils.translation import gettext as _

from core.reporting.compare.periods import before_of
from core.reporting.data import Data
from core.reporting.metrics import METRICS
from core.reporting.question import Question
from core.reporting.render import choices
from core.reporting.render.charts.chart_file import Captions
from core.shared import figures
from core.shared.chain import current_chain


def captions(question: Question, data: Data, title: str, key: str) -> Captions:
    metric = METRICS[question.metric]
    narrowed = [str(narrowing.title) for narrowing in choices.narrowings(question)]
    filters = [text for text in (question.category, question.member_tier) if text]
    source = _("Revisit · %(metric)s, definition version %(version)s · data complete to %(day)s")
    values = {"metric": metric.title, "version": metric.version, "day": figures.day(data.completeness.as_of)}
    return Captions(
        title=f"{metric.title} · {title}",
        subtitle=" · ".join((current_chain().name, question.period.label, *narrowed, *filters)),
        key=key,
        definition=metric.summary(question),
        source=source % values,
    )


def key_of_groups(question: Question, *, has_adjusted: bool) -> str:
    """Of a chart of values side by side: what of its marks there is."""
    before = _("Bar: %(period)s.") % {"period": before_of(question).label} if question.compare != "none" else ""
    marks = [
        _("Dot: rate with its 95 % interval.") if METRICS[question.metric].unit.is_estimated else "",
        _("Diamond: adjusted for whom they serve.") if has_adjusted else "",
        before,
    ]
    return " ".join(filter(None, marks))


def key_of_why() -> str:
    return _(
        "Grey: a different mix of clients. Green: how often the same kinds come back. Light: kinds that only one of "
        "them serves."
    )


def key_of_trend(question: Question) -> str:
    if not METRICS[question.metric].unit.is_estimated:
        return _("Each point is of the twelve months up to it")
    text = _("Point: the rate of the twelve months up to it. Band: its interval of %(level)s.")
    return text % {"level": figures.percent(0.95, 0)}


def key_of_funnel() -> str:
    text = _(
        "Rate: clients who came back against those expected of such clients, times the chain’s rate. The darker band "
        "holds %(inner)s, the lighter %(outer)s of what chance gives."
    )
    return text % {"inner": figures.percent(0.95, 0), "outer": figures.percent(0.998)}
