"""Proposes a field for each column: as it was said, by the dictionary of headings, then by what the cells look like."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from core.imports.services import column_values as looks
from core.imports.services.headings import Meaning, column_keys, meaning_of, normal_heading
from core.imports.services.options import IGNORE
from core.imports.services.values.memo import shortened
from core.imports.services.words import meaning_of_payment, meaning_of_status
from core.shared.file_fields import fields_of

# The first cells of each column; empty where they are not known.
Cells = Callable[[], Sequence[Sequence[str]]]
# What a column is that was taken for the first, where it holds names and another column holds the numbers.
NAMES_BESIDE = {
    ("visits", "client_ref"): "client_name",
    ("clients", "client_ref"): "name",
    ("appointments", "client_ref"): "client_name",
    ("balances", "client_ref"): "client_name",
    ("stores", "store_code"): "name",
    ("staff", "staff_code"): "name",
    ("services", "service_code"): "name",
}
_LEFT = re.compile(r"余额|剩余|balance|remaining|guthaben", re.IGNORECASE)
# Fields that a column of yes and no cannot be, whatever its heading says, such as “Paid”.
_NUMBERS = {"amount", "unit_price", "quantity", "price"}
_Look = Callable[[Sequence[str]], bool]
# What is guessed of columns with unknown headings, if nothing else has any of the fields: at most one a kind of value.
_GUESSES: dict[str, tuple[tuple[tuple[str, ...], _Look], ...]] = {
    "visits": (
        (("started_at",), looks.looks_like_dates),
        (("amount", "unit_price"), looks.looks_like_money),
        (("client_phone", "client_ref"), looks.looks_like_phones),
        (("client_name", "client_ref", "client_phone"), looks.looks_like_names),
    ),
    "appointments": (
        (("started_at",), looks.looks_like_dates),
        (("client_phone", "client_ref"), looks.looks_like_phones),
        (("client_name", "client_ref", "client_phone"), looks.looks_like_names),
    ),
    "balances": (
        (("client_phone", "client_ref"), looks.looks_like_phones),
        (("client_name", "client_ref", "client_phone"), looks.looks_like_names),
    ),
    "clients": (
        (("phone",), looks.looks_like_phones),
        (("name", "first_name", "last_name"), looks.looks_like_names),
    ),
}


def no_cells() -> Sequence[Sequence[str]]:
    return ()


@dataclass(frozen=True)
class Conflict:
    """Columns that mean one field, the one that is taken first, and why; no reason: nothing decides."""

    field: str
    columns: tuple[int, ...]
    reason: str | None


@dataclass(frozen=True)
class Guess:
    field: str
    column: int
    reason: str


@dataclass
class Proposal:
    fields: list[str | None]
    # Columns whose field was said, be it that they are left out.
    said: frozenset[int]
    conflicts: list[Conflict] = field(default_factory=list)
    guesses: list[Guess] = field(default_factory=list)


def propose_fields(kind: str, headings: Sequence[str], mapping: Mapping[str, str], cells: Cells = no_cells) -> Proposal:
    """`mapping` is by the keys of columns; what it says of columns that are not there is passed over."""
    return _Matching(kind, headings, mapping, cells).proposal


class _Matching:
    def __init__(self, kind: str, headings: Sequence[str], mapping: Mapping[str, str], cells: Cells) -> None:
        self.kind, self.headings, self._cells = kind, headings, cells
        self._names = {item.name for item in fields_of(kind)}
        keys = column_keys(headings)
        said = frozenset(index for index, key in enumerate(keys) if key in mapping)
        self._said_fields = {mapping[keys[index]] for index in said} - {IGNORE}
        self._meanings = [None if index in said else self._meaning(heading) for index, heading in enumerate(headings)]
        fields = [mapping[key] if index in said else self._field(index) for index, key in enumerate(keys)]
        self.proposal = Proposal([None if name == IGNORE else name for name in fields], said)
        self._place_times()
        self._place_types()
        self._place_flags()
        self._settle_conflicts()
        self._guess()
        self._guess_card_payments()

    def _meaning(self, heading: str) -> Meaning | None:
        return meaning_of(self.kind, heading)

    def _field(self, index: int) -> str | None:
        meaning = self._meanings[index]
        if meaning is None or meaning.field in self._said_fields:
            return None
        if meaning.fallback and self._is_said_better(meaning.field):
            return None
        if meaning.field in _NUMBERS and looks.says_yes_and_no(self._sample(index)):
            return None
        return meaning.field

    def _is_said_better(self, name: str) -> bool:
        """A phone names a client better than what stands in for a number."""
        better = {name, "client_phone"} if name == "client_ref" else {name}
        return any(one is not None and not one.fallback and one.field in better for one in self._meanings)

    def _sample(self, index: int) -> list[str]:
        if not hasattr(self, "_columns"):
            self._columns = self._cells()
        cells = self._columns[index] if index < len(self._columns) else ()
        return [cell.strip() for cell in cells if cell.strip()][: looks.LOOKED_AT]

    def _place_times(self) -> None:
        """A time of day stands beside a date; one that holds dates, or has no date beside it, is the date itself."""
        fields, said = self.proposal.fields, self.proposal.said
        for index, name in enumerate(fields):
            if name != "start_time" or index in said:
                continue
            if "started_at" not in fields or looks.looks_like_dates(self._sample(index)):
                fields[index] = None if "started_at" in self._said_fields else "started_at"

    def _place_types(self) -> None:
        """“Type” says what a line is, what became of it, or what was done: its words tell."""
        fields = self.proposal.fields
        for index, meaning in enumerate(self._meanings):
            if fields[index] != "kind" or meaning is None or not meaning.fallback:
                continue
            words = set(map(str.casefold, self._sample(index)))
            known = next(item for item in fields_of(self.kind) if item.name == "kind")
            if words and words <= {*known.choices, *known.synonyms}:
                continue
            other = "status" if words and all(map(meaning_of_status, words)) else "item"
            fields[index] = other if other not in fields and other not in self._said_fields else None

    def _place_flags(self) -> None:
        """“Refund” with yes and no says whether, “Cancelled” with numbers is none of a flag; 19% is no tax paid."""
        fields, said = self.proposal.fields, self.proposal.said
        for index, name in enumerate(fields):
            if index in said or name not in {"refund", "tax", "tip"}:
                continue
            sample = self._sample(index)
            if name == "refund" and sample and not looks.holds_numbers(sample):
                fields[index] = None if "refunded" in fields else "refunded"
            elif sample and all(cell.endswith(("%", "％")) for cell in sample):
                fields[index] = None

    def _settle_conflicts(self) -> None:
        fields = self.proposal.fields
        for name in dict.fromkeys(filter(None, fields)):
            columns = [index for index, other in enumerate(fields) if other == name]
            open_columns = [index for index in columns if index not in self.proposal.said]
            if len(columns) > 1 and len(open_columns) == len(columns):
                self._settle(name, columns)

    def _settle(self, name: str, columns: list[int]) -> None:
        merits = {index: self._merits(name, index) for index in columns}
        reason: str | None
        best, second, *_others = ordered = sorted(columns, key=lambda index: (*merits[index], index))
        place = next(
            (at for at, pair in enumerate(zip(merits[best], merits[second], strict=True)) if len(set(pair)) > 1), None
        )
        if name == "amount" and (subtotal := self._before_tax(columns)) is not None:
            ordered = [subtotal, *(index for index in ordered if index != subtotal)]
            values = {"subtotal": shortened(self.headings[subtotal])}
            # A discount may come between the two.
            reason = (
                None if "discount" in self.proposal.fields else _("“%(subtotal)s” is without tax and tip.") % values
            )
        elif place is None and self._sample(best) == self._sample(second):
            reason = _("Both columns hold the same.")
        else:
            reason = None if place is None else self._reason(place, best, second)
        self.proposal.conflicts.append(Conflict(name, tuple(ordered), reason))
        for index in ordered[1:]:
            self.proposal.fields[index] = self._beside(name, index)

    def _before_tax(self, columns: Sequence[int]) -> int | None:
        """Of totals with a column of taxes or tips beside them, the subtotal without."""
        if not {"tax", "tip"} & set(self.proposal.fields):
            return None
        names = {index: normal_heading(self.headings[index]) for index in columns}
        if any(name.startswith("net") for name in names.values()):
            return None
        return next(
            (index for index, name in names.items() if name in {"subtotal", "zwischensumme", "soustotal"}), None
        )

    def _merits(self, name: str, index: int) -> tuple[bool, bool, bool, int]:
        """The smaller the better: has cells, dates, numbers of records, and the rank of its heading."""
        sample = self._sample(index)
        meaning = self._meanings[index]
        no_dates = name == "started_at" and looks.looks_like_times(sample)
        no_numbers = (self.kind, name) in NAMES_BESIDE and not looks.holds_numbers(sample)
        return not sample, no_dates, no_numbers, meaning.rank if meaning else 0

    def _reason(self, place: int, best: int, second: int) -> str:
        values = {"best": shortened(self.headings[best]), "second": shortened(self.headings[second])}
        messages = (
            _("“%(second)s” is empty."),
            _("“%(best)s” holds dates, “%(second)s” only times."),
            _("“%(best)s” holds numbers, “%(second)s” names."),
            _("“%(best)s” says it more exactly than “%(second)s”."),
        )
        return messages[place] % values

    def _beside(self, name: str, index: int) -> str | None:
        """What a column means that was not taken."""
        sample = self._sample(index)
        if name == "started_at" and looks.looks_like_times(sample):
            other: str | None = "start_time"
        elif sample and not looks.holds_numbers(sample):
            other = NAMES_BESIDE.get((self.kind, name))
        else:
            other = None
        return other if other in self._names and other not in self.proposal.fields else None

    def _guess(self) -> None:
        proposal = self.proposal
        for names, look in _GUESSES.get(self.kind, ()):
            if any(name in proposal.fields for name in names):
                continue
            unknown = [i for i, name in enumerate(proposal.fields) if name is None and i not in proposal.said]
            fitting = [i for i in unknown if self._meanings[i] is None and look(self._sample(i))]
            if len(fitting) == 1:
                index = fitting[0]
                proposal.fields[index] = names[0]
                examples = ", ".join(map(shortened, dict.fromkeys(self._sample(index)[:3])))
                proposal.guesses.append(Guess(names[0], index, _("By its cells: %s.") % examples))

    def _guess_card_payments(self) -> None:
        """A column of amounts headed by a way to pay from a card, such as 储值卡 beside 现金 and 微信. What is left on
        a card is no payment."""
        fields, said = self.proposal.fields, self.proposal.said
        if self.kind != "visits" or "paid_by_card" in {*fields, *self._said_fields} or not _NUMBERS & {*fields}:
            return
        for index, heading in enumerate(self.headings):
            is_open = fields[index] is None and index not in said and self._meanings[index] is None
            if not is_open or _LEFT.search(heading) or meaning_of_payment(heading) != "card":
                continue
            if looks.looks_like_payments(self._sample(index)):
                fields[index] = "paid_by_card"
                self.proposal.guesses.append(Guess("paid_by_card", index, ""))
                return
