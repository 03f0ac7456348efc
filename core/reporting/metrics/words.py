"""The words that definitions of metrics use."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

# By their anchor on the page: the word and what it means.
WORDS: dict[str, tuple[Promise, Promise]] = {
    "visit": (
        pgettext_lazy("word", "Visit"),
        gettext_lazy(
            "One client at one store, with at least one line that is no return. Voided visits do not count, nor "
            "do visits of returns alone."
        ),
    ),
    "visit-day": (
        pgettext_lazy("word", "Visit day"),
        gettext_lazy("A client’s date with a visit. Two visits on one date count once, even at different stores."),
    ),
    "purchase-day": (
        pgettext_lazy("word", "Purchase day"),
        gettext_lazy(
            "A visit day on which the client paid something other than from a course card or stored value. "
            "Returns do not reduce it."
        ),
    ),
    "basis": (
        pgettext_lazy("word", "Basis"),
        gettext_lazy(
            "Whether visit days or purchase days count. “Day” in a definition means a day of the basis chosen."
        ),
    ),
    "scope": (
        pgettext_lazy("word", "Scope"),
        gettext_lazy(
            "“Chain” counts each client once and takes a return at any store; the client belongs to the store "
            "of the first day in the period. “Same store” counts each client once per store, with the days at "
            "that store."
        ),
    ),
    "first-visit": (
        pgettext_lazy("word", "First visit of a day"),
        gettext_lazy(
            "The earliest by start time, then by store code, then in order of recording. Its first line gives "
            "category and staff member."
        ),
    ),
    "new": (
        pgettext_lazy("word", "New and returning"),
        gettext_lazy(
            "A client is new when the first day in the period is the first one ever, unless the client’s record "
            "was opened before it. Everyone else is returning."
        ),
    ),
    "net-revenue": (
        pgettext_lazy("word", "Net revenue"),
        gettext_lazy("All amounts not paid from a card or stored value, less returns, by the date of the line."),
    ),
    "consumed-value": (
        pgettext_lazy("word", "Consumed value"),
        gettext_lazy("What was used from course cards and stored value. It is never added to net revenue."),
    ),
    "as-of": (
        pgettext_lazy("word", "Data complete to"),
        gettext_lazy(
            "The last day for which all open stores have data. A store more than 14 days behind the others is "
            "named and does not hold the rest back."
        ),
    ),
    "interval": (
        pgettext_lazy("word", "Interval"),
        gettext_lazy(
            "The range that chance leaves open, with 95 percent confidence. The fewer clients, the wider it is. "
            "A change is called a rise or a fall only where chance does not explain it."
        ),
    ),
    "small-sample": (
        pgettext_lazy("word", "Small sample"),
        gettext_lazy("Fewer than 30 clients. Such groups are marked, and never ranked or named as outliers."),
    ),
    "adjusted": (
        pgettext_lazy("word", "Adjusted rate"),
        gettext_lazy(
            "What a group’s rate would be if all groups served the same mix of clients: by first category, new "
            "or returning, and when in the period they first came."
        ),
    ),
    "without-client": (
        pgettext_lazy("word", "Lines without a client"),
        gettext_lazy(
            "Sales to people whom the store did not record. They count in revenue and in no metric of clients."
        ),
    ),
}
