"""Which records the cells of a file name: stores, staff, services and member tiers, by code or by name.

A record that was merged into another is still itself here, so that a file read again says what it said;
`core.shared.merged.kept` gives what it leads to, for what is written. A code that a record had before is the record.
"""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from core.catalogue.models import Service, ServiceCategory
from core.imports.services.context import ImportContext, coded
from core.imports.services.opening import open_in, opening_choices, places_to_open
from core.imports.services.questions import Choice
from core.imports.services.unknowns import Known, Unknowns
from core.imports.services.values.codes import CREATE, Codes
from core.membership.models import MemberTier
from core.shared.merged import kept_ids
from core.staff.models import StaffMember
from core.stores.models import Store

Row = tuple[int, str, str]


def staff_codes(context: ImportContext) -> Codes:
    make = context.reserve("staff_staffmember_id_seq")
    error = ("unknown_staff", _("There is no staff member “%s”."))
    return _codes(context, "staff", coded(StaffMember, "-pk"), error, 64, make, kept_ids(StaffMember), of_people=True)


def service_codes(context: ImportContext) -> Codes:
    make = context.reserve("catalogue_service_id_seq")
    error = ("unknown_service", _("There is no service “%s”."))
    return _codes(context, "service", coded(Service, "-pk"), error, 100, make, kept_ids(Service))


def tier_codes(context: ImportContext) -> Codes:
    rows = list(MemberTier.objects.values_list("pk", "code", "name"))
    make = context.reserve("membership_membertier_id_seq")
    return _codes(context, "tier", rows, ("unknown_member_tier", _("There is no member tier “%s”.")), 50, make)


def category_codes(context: ImportContext) -> Codes:
    """By name; one that is like none of the known is new."""
    rows, merged = coded(ServiceCategory, "pk", code="name"), kept_ids(ServiceCategory)
    error = ("unknown_category", _("There is no category “%s”."))
    make = context.reserve("catalogue_servicecategory_id_seq")
    return _codes(context, "category", rows, error, 100, make, merged, asks_about_slips_alone=True)


def _codes(
    context: ImportContext,
    topic: str,
    rows: list[Row],
    error: tuple[str, str],
    length: int,
    make: Callable[[], int],
    merged: Mapping[int, int] | None = None,
    *,
    asks_about_slips_alone: bool = False,
    of_people: bool = False,
) -> Codes:
    unknowns = Unknowns(
        topic,
        error[1],
        context.options,
        context.questions,
        [Known(code, name) for pk, code, name in rows if pk not in (merged or {})],
        [Choice(CREATE, _("it is new: add it"))],
        asks_about_slips_alone=asks_about_slips_alone,
    )
    codes = Codes(
        {code: pk for pk, code, _name in rows},
        error=error,
        max_length=length,
        make=make,
        names=[(name, pk) for pk, _code, name in rows],
        decide=unknowns.decide,
        merged=merged,
        of_people=of_people,
    )
    context.matching.append((unknowns, codes))
    return codes


def store_codes(context: ImportContext) -> Codes:
    """An unknown store is opened where the user says so, in a city that is named with the answer."""
    stores = context.stores
    rows, merged = coded(Store, "pk"), kept_ids(Store)
    places = places_to_open()
    message = _("There is no store “%s”.")

    def create(text: str, city: str) -> str:
        # The writer's thread speaks to the database by the same connection.
        context.writer.finish()
        store = open_in(places[city], code=text, name=text, acting_user=context.acting_user)
        stores.add(store)
        return store.code

    unknowns = Unknowns(
        "store",
        message,
        context.options,
        context.questions,
        [Known(code, name) for pk, code, name in rows if pk not in merged],
        opening_choices(places),
        create,
        fallback=stores.code_of(context.store_of_option()),
    )
    codes = Codes(
        stores.ids,
        error=("unknown_store", message),
        max_length=64,
        names=[(name, pk) for pk, _code, name in rows],
        decide=unknowns.decide,
        merged=merged,
    )
    context.matching.append((unknowns, codes))
    return codes
