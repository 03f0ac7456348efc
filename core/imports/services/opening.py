"""Stores that are opened from a file: those that it names, and the first one of a chain that has none."""

from django.utils.translation import gettext as _

from core.accounts.models import User
from core.imports.services.questions import Choice, Question, Questions
from core.imports.services.values.codes import CREATE
from core.shared.chain import current_chain
from core.stores.cities import Cities, Place, built_in
from core.stores.models import Store, StoreLocation
from core.stores.selectors import NOWHERE
from core.stores.services.stores import open_store

# No city: it is added later.
LATER = ""
FIRST = "first:store"
FIRST_CODE = "1"
HOME_OF_THE_LIST = "CN"


def places_to_open() -> dict[str, Place]:
    """The cities the chain is in, else all of the built-in list; outside its country one need not be said."""
    own = StoreLocation.objects.order_by("city", "valid_from").values_list("city", "city_tier", "region")
    places = {city: Place(city, city_tier, region) for city, city_tier, region in own if city}
    if current_chain().country != HOME_OF_THE_LIST:
        return {**places, LATER: NOWHERE}
    if places:
        return places
    cities = Cities()
    return {name: place for name in built_in() if (place := cities.find(name)) is not None}


def opening_choices(places: dict[str, Place]) -> list[Choice]:
    opening = _("it is new: open it in %s")
    labels = {city: opening % city if city else _("it is new: open it, its city is added later") for city in places}
    return [Choice(f"{CREATE}:{city}", label) for city, label in labels.items()]


def open_first_store(questions: Questions, acting_user: User | None) -> Store | None:
    """Of a chain that has none, for a file that names none; None until it is said where it is."""
    places, name = places_to_open(), current_chain().name
    if list(places) == [LATER]:
        choices = [Choice(f"{CREATE}:{LATER}", _("Open “%s” as the first store; its city is added later") % name)]
        taken, reason = choices[0].value, _("There is no store yet.")
    else:
        opening = _("It is in %s: open it")
        choices = [Choice(f"{CREATE}:{city}", opening % city) for city in places]
        taken, reason = None, ""
    text = _("The file names no store, and the chain has none yet. Where is “%s”?") % name
    chosen = questions.ask(Question(FIRST, text, tuple(choices), taken=taken, reason=reason))
    if chosen is None:
        return None
    return open_in(places[chosen.partition(":")[2]], code=FIRST_CODE, name=name, acting_user=acting_user)


def open_in(place: Place, *, code: str, name: str, acting_user: User | None) -> Store:
    return open_store(
        code=code,
        name=name,
        city=place.city,
        city_tier=place.city_tier,
        region=place.region,
        acting_user=acting_user,
    )
