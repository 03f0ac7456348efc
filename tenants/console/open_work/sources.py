"""Where the list finds background work. An app above this one adds its own source with `register`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from core.jobs.kinds import kinds
from tenants.console.models import OpenWork

Status = OpenWork.Status


@dataclass(frozen=True, kw_only=True)
class Source:
    """`find` and `retry` run inside the chain where the work is kept in its schema, else outside any.

    `find` gives rows to be stored: what it knows of each piece, with the chain where it is found outside it.
    `retry` takes a reference and the operator's e-mail. It does nothing for work that is under way or done: it may be
    asked for twice.
    """

    name: str
    title: Promise
    find: Callable[[], Iterable[OpenWork]]
    retry: Callable[[str, str], None]
    in_chain: bool = False
    # Whether the work itself adds to the chain's trail that an operator started it again.
    is_in_trail: bool = False


SOURCES: dict[str, Source] = {}


def register(source: Source) -> None:
    SOURCES[source.name] = source


def title_of(name: str) -> str:
    if name in SOURCES:
        return str(SOURCES[name].title)
    return str(kinds()[name].label) if name in kinds() else name
