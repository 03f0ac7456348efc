"""What a line is made of when a person records it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from core.catalogue.models import UNCATEGORISED, Service, ServiceCategory
from core.shared.errors import AppError
from core.staff.models import StaffMember
from core.visits.models import Visit, VisitLine


@dataclass(frozen=True, kw_only=True)
class NewLine:
    """A line to record. Without a category it follows its service's. A return has quantity and amount below 0."""

    amount: Decimal
    quantity: Decimal = Decimal(1)
    kind: str = VisitLine.Kind.SERVICE
    service: Service | None = None
    category: ServiceCategory | None = None
    staff: StaffMember | None = None
    paid_by_card: bool = False
    duration_min: int | None = None
    rating: Decimal | None = None


def add_lines(visit: Visit, lines: Sequence[NewLine]) -> list[VisitLine]:
    """Raises AppError where a line cannot be."""
    for line in lines:
        _check(line)
    uncategorised = None
    made = []
    for line in lines:
        category = line.category
        if category is None and line.service is None:
            uncategorised = uncategorised or ServiceCategory.objects.get_or_create(name=UNCATEGORISED)[0]
            category = uncategorised
        made.append(
            VisitLine(
                visit=visit,
                kind=line.kind,
                service=line.service,
                category=category,
                staff=line.staff,
                quantity=line.quantity,
                amount=line.amount,
                paid_by_card=line.paid_by_card,
                duration_min=line.duration_min,
                rating=line.rating,
            )
        )
    return VisitLine.objects.bulk_create(made)


def line_summary(line: VisitLine) -> str:
    """For the audit trail: what, how many, for how much."""
    what = line.service.code if line.service else line.current_category.name
    return f"{what} × {line.quantity.normalize():f}: {line.amount:.2f}"


def _check(line: NewLine) -> None:
    if line.quantity == 0:
        raise AppError("zero_quantity", _("A quantity of 0 is no sale and no return."), field="quantity")
    if line.quantity < 0 < line.amount:
        raise AppError("return_amount", _("A return gives money back: its amount cannot be above 0."), field="amount")
    if line.kind not in VisitLine.Kind.values:
        raise AppError("unknown_kind", _("A line is a service, a product or a card sale."), field="kind")
    if line.rating is not None and not 0 <= line.rating <= 5:
        raise AppError("rating_range", _("A rating is a number from 0 to 5."), field="rating")
