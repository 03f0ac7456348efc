"""The chain's own word on cities: instead of the built-in list's, or on cities that are not in it."""

from django.db import transaction
from django.utils.translation import gettext as _

from core.accounts.gates import require_right
from core.accounts.models import User
from core.audit.trail import record
from core.shared.errors import AppError
from core.stores.cities import built_in, short_name
from core.stores.declaration import MANAGE_STORES, Action
from core.stores.models import City


def set_city(*, name: str, tier: str, region: str, acting_user: User | None = None) -> City:
    """From now on the city counts so. Of a city of the built-in list, what is left empty is as the list has it.

    Raises AppError: no right, no tier or region of a city that is not in the list.
    """
    require_right(acting_user, MANAGE_STORES)
    name = short_name(name)
    known = built_in().get(name)
    tier, region = tier or (known.city_tier if known else ""), region or (known.region if known else "")
    for field, value in (("tier", tier), ("region", region)):
        if not value:
            message = _("This city is not in the built-in list: give its tier and region as well.")
            raise AppError("incomplete_city", message, field=field)
    with transaction.atomic():
        before = _trail_fields(City.objects.select_for_update().filter(name=name).first())
        city, _made = City.objects.update_or_create(name=name, defaults={"tier": tier, "region": region})
        record(action=Action.CITY_SET, acting_user=acting_user, subject=city, before=before, after=_trail_fields(city))
    return city


def remove_city(*, name: str, acting_user: User | None = None) -> None:
    """The built-in list has the word again. Raises AppError: no right, no such city."""
    require_right(acting_user, MANAGE_STORES)
    with transaction.atomic():
        city = City.objects.select_for_update().filter(name=name).first()
        if city is None:
            raise AppError("unknown_city", _("There is no such city in your list."), status=404)
        record(action=Action.CITY_REMOVED, acting_user=acting_user, subject=city, before=_trail_fields(city))
        city.delete()


def _trail_fields(city: City | None) -> dict[str, str] | None:
    """By the names that the trail has for a place."""
    return {"city_tier": city.tier, "region": city.region} if city else None
