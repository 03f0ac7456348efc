from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.shared.chain import chain_today
from core.shared.merged import Mergeable, PresentManager

# The first location of a store holds from the beginning of time.
BEGINNING = date(1, 1, 1)


class StoreQuerySet(models.QuerySet["Store"]):
    def open(self) -> "StoreQuerySet":
        """Not closed by today: what a plan counts."""
        return self.filter(models.Q(closed_on=None) | models.Q(closed_on__gt=chain_today()))


class Store(Mergeable):
    code = models.CharField(_("store code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    # Empty: the chain's.
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    # The date the store's till or import states as its last complete one; else its last visit date counts.
    complete_through = models.DateField(_("complete through"), null=True, blank=True)

    objects = PresentManager.from_queryset(StoreQuerySet)()
    known = models.Manager()

    def __str__(self) -> str:
        return self.name

    @property
    def last_location(self) -> "StoreLocation | None":
        """Where it stands now, or will stand after its next move."""
        return self.locations.order_by("-valid_from").first()


class StoreLocation(models.Model):
    """Where a store stands, and in what market, from a date on until the next row's."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="locations")
    valid_from = models.DateField(default=BEGINNING)
    city = models.CharField(_("city"), max_length=100, blank=True)
    city_tier = models.CharField(_("city tier"), max_length=50, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "valid_from"], name="stores_location_from")]

    def __str__(self) -> str:
        return f"{self.city} ({self.city_tier})"


class City(models.Model):
    """The chain's own word on a city: overrides the built-in list, or extends it for other countries."""

    name = models.CharField(_("city"), max_length=100, unique=True)
    tier = models.CharField(_("city tier"), max_length=50, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)

    def __str__(self) -> str:
        return self.name


class StoreAccess(models.Model):
    """Which stores someone works in whose reach is the own stores."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="store_access")
    store = models.ForeignKey(Store, models.CASCADE, related_name="access")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "store"], name="stores_access_once")]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.store_id}"


class RegionAccess(models.Model):
    """Which regions a regional manager looks after."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="region_access")
    region = models.CharField(_("region"), max_length=100)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "region"], name="stores_region_access_once")]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.region}"


class StoreGroup(models.Model):
    """Stores that the chain looks at together, whatever their region: a franchisee's, those of a pilot."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name


class StoreGroupMember(models.Model):
    """A store is in a group from a day on, until the day it leaves."""

    group = models.ForeignKey(StoreGroup, models.CASCADE, related_name="members")
    store = models.ForeignKey(Store, models.CASCADE, related_name="group_members")
    valid_from = models.DateField(default=BEGINNING)
    # The first day on which it is no longer in the group.
    valid_until = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "store", "valid_from"], name="stores_group_member_from"),
            models.CheckConstraint(
                condition=models.Q(valid_until=None) | models.Q(valid_until__gt=models.F("valid_from")),
                name="stores_group_member_leaves_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.store_id} in {self.group_id}"

    @property
    def is_from_the_start(self) -> bool:
        return self.valid_from == BEGINNING

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)

    def overlaps(self, valid_from: date, valid_until: date | None) -> bool:
        """Whether it holds on any day of [valid_from, valid_until)."""
        starts_before = valid_until is None or self.valid_from < valid_until
        return starts_before and (self.valid_until is None or valid_from < self.valid_until)
