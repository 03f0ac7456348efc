"""The parts of a chain's site, and who sees them."""

from dataclasses import dataclass

from django.utils.functional import Promise

from core.accounts.rights import Reach, Right
from core.shared.declarations import declared


@dataclass(frozen=True)
class Section:
    """The namespace of its URLs (which names its icon too), and the right and reach it takes. Apps declare theirs as
    `SECTIONS`; `place` is where it stands in the navigation."""

    namespace: str
    title: Promise
    home: str
    right: Right
    place: int
    reach: tuple[Reach, ...] = tuple(Reach)


def sections() -> list[Section]:
    return sorted(declared("SECTIONS", Section), key=lambda section: section.place)
