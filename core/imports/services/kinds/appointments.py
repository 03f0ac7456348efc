"""Brings appointments in."""

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.appointments.models import Appointment
from core.appointments.services.loading import (
    find_appointments,
    find_moved,
    find_without_time,
    load_appointments,
    take_as_known,
)
from core.imports.services.chunks import Chunk
from core.imports.services.kinds.client_records import ClientRecordImport
from core.imports.services.kinds.visit_splits import Splits
from core.imports.services.kinds.visit_words import Topic, Words
from core.imports.services.questions import Choice, Question, Questions
from core.imports.services.results import Finding
from core.imports.services.values.memo import NULL
from core.imports.services.values.moments import DateTimes
from core.imports.services.values.times import Times
from core.imports.services.words import folded, meaning_of_appointment

NO_STATUS, WITHOUT_TIME, MOVED = "status:none", "appointments:times", "appointments:moved"
SAME, OTHER = "same", "other"
# Staged columns of how long all services of a row took.
_DURATIONS = ("duration_min", "ended_at", "span_end")
# Of 14:00-15:30, what is behind the start.
_END = re.compile(r"(?:[-–—~～至到]|to)\s{0,3}(\d{1,2}[:：]\d{2})$", re.ASCII)


class AppointmentImport(ClientRecordImport):
    model = Appointment
    needs_client, needs_store = False, True
    own_fields = frozenset({"started_at", "start_time", "status"})

    def prepare(self) -> None:
        super().prepare()
        self._dates, self._times = DateTimes(self.context.date_rules("started_at")), Times()
        self._splits = Splits(self.context.questions, self._services.names, "service_code")
        self._words = status_words(self.context.questions)
        self._status = None if self.context.has("status") else self._ask_status()

    def convert(self, chunk: Chunk) -> dict[str, Sequence[str]]:
        values = super().convert(self._splits.split(chunk))
        for name in _DURATIONS:
            if name in values and self._splits.groups:
                times = list(values[name])
                for start, services in self._splits.groups:
                    times[start + 1 : start + services] = [NULL] * (services - 1)
                values[name] = times
        return values

    def extra_columns(self) -> Mapping[str, str]:
        return {**super().extra_columns(), "day": "date", "start_time": "time", "span_end": "time", "status": "text"}

    def extra_values(self, chunk: Chunk, values: Mapping[str, list[str]]) -> dict[str, list[str]]:
        extra = super().extra_values(chunk, values)
        extra["day"], extra["start_time"] = self._moments(chunk, extra["of_store"])
        if not self.context.has("ended_at"):
            extra["span_end"] = self._ends(chunk.cells[self._time_field])
        if "status" in chunk.cells:
            extra["status"] = self._words.read(chunk.cells["status"])
        return extra

    def _moments(self, chunk: Chunk, stores: list[str]) -> tuple[list[str], list[str]]:
        days, times = self._dates.read(chunk.cells["started_at"], stores, self.context.stores.zones)
        chunk.flag("started_at", self._dates.problems)
        chunk.require("started_at", days)
        if "start_time" in chunk.cells:
            own = self._times.read(chunk.cells["start_time"])
            chunk.flag("start_time", self._times.problems)
            times = [time if at == NULL else at for time, at in zip(times, own, strict=True)]
        return days, times

    @property
    def _time_field(self) -> str:
        return "start_time" if self.context.has("start_time") else "started_at"

    def _ends(self, cells: Sequence[str]) -> list[str]:
        """Where a cell says from when to when."""
        found = (_END.search(cell.strip()) for cell in cells)
        return self._times.read([match[1] if match else "" for match in found])

    def check(self) -> None:
        self._words.conclude()
        self._splits.conclude()
        super().check()
        if not self.context.has("status"):
            self._ask_status()
        message = _("Appointments are kept with the clients’ records; they count in no figure.")
        self.context.findings.append(Finding("note", "kept_only", message, rows=self.context.rows))

    def match(self) -> None:
        find_appointments(self.staging, self._said)
        status = "coalesce(i.status, 'booked')" if self._status is None else f"'{self._status}'"
        self._settle_times(status)
        self._settle_moved(status)

    def _settle_times(self, status: str) -> None:
        found = find_without_time(self.staging, self._said, status=status)
        if not found.rows:
            return
        text = ngettext(
            "%d row has the client, day and service of an appointment that is known, and one of the two has no time. "
            "Is it the same?",
            "%d rows have the client, day and service of appointments that are known, and one of the two has no time. "
            "Are they the same?",
            found.rows,
        )
        decided = _("A row without a time says what became of the appointment.")
        question = Question(
            WITHOUT_TIME,
            text % found.rows,
            (Choice(SAME, _("the same appointments")), Choice(OTHER, _("others, besides those that are known"))),
            taken=None if found.cancelled else SAME,
            reason="" if found.cancelled else decided,
            rows=found.rows,
            examples=found.examples,
            effect=_("Who cancels and books anew for the same day has two appointments."),
        )
        if self.context.questions.ask(question) == SAME:
            take_as_known(self.staging)

    def _settle_moved(self, status: str) -> None:
        found = find_moved(self.staging, self._said, status=status)
        if not found.rows:
            return
        text = ngettext(
            "%d row has the client and service of an open appointment within a week that the file does not name. "
            "Was it moved?",
            "%d rows have the clients and services of open appointments within a week that the file does not name. "
            "Were they moved?",
            found.rows,
        )
        question = Question(
            MOVED,
            text % found.rows,
            (
                Choice(SAME, _("They were moved: the known appointments get the new days and times")),
                Choice(OTHER, _("others, besides those that are known")),
            ),
            proposed=SAME,
            rows=found.rows,
            examples=found.examples,
            effect=_("Else the client has two open appointments."),
        )
        if self.context.questions.ask(question) == SAME:
            while found.rows:
                take_as_known(self.staging)
                found = find_moved(self.staging, self._said, status=status)

    @property
    def _said(self) -> dict[str, str]:
        said = {**super().said(), "day": "i.day", "start_time": "i.start_time"}
        if self.context.has("status"):
            said["status"] = "i.status"
        elif self._status not in {None, Appointment.Status.BOOKED}:
            said["status"] = f"'{self._status}'"
        end = "i.ended_at" if self.context.has("ended_at") else "i.span_end"
        lasted = f"CASE WHEN {end} > i.start_time THEN extract(epoch FROM {end} - i.start_time)::int / 60 END"
        said["duration_min"] = f"coalesce({said['duration_min']}, {lasted})" if "duration_min" in said else lasted
        return said

    def write(self) -> None:
        self.make_stubs()
        load_appointments(self.staging, self._said)

    def _ask_status(self) -> str | None:
        """A list of what is booked says nothing of an appointment that has been cancelled since."""
        return self.context.questions.ask(
            Question(
                NO_STATUS,
                _("No column says the status. Which one do all appointments of this file have?"),
                status_choices(),
                proposed=Appointment.Status.BOOKED,
                rows=self.context.rows,
            )
        )


def status_choices() -> tuple[Choice, ...]:
    return tuple(Choice(value, str(label)) for value, label in Appointment.Status.choices)


def status_words(questions: Questions) -> Words:
    text, reason = _("What became of appointments with the status “%(word)s”?"), _("That is what the word says.")

    def rule(word: str) -> str | None:
        return meaning_of_appointment(word) if word else ""

    return Words(Topic("status", rule, NULL, folded, text, reason, status_choices()), questions)
