from datetime import date
from typing import ClassVar

from django.db import models

# Where a fact has no category, staff or tier to name; a date before and one after all others.
NOTHING = 0
NEVER_BEFORE = date(1, 1, 1)
NEVER_AGAIN = date(9999, 12, 31)


class VisitDay(models.Model):
    """A fact: a client's visit day at a store, for all categories together (`category_id` 0) and once for each
    category of a kept line that day. Written by `services.facts` alone.

    The row of the day's first visit leads (`is_lead`): it stands for the day in the chain's streams (client, or client
    and category); every row stands for its day in the store's streams (… and store). For each stream and basis the row
    knows the day before and the day after, so that for any period [a, b) the clients are the rows with a day in it and
    the previous day before a, and the repeat clients those of them whose next day is before b: plain sums, no distinct.

    Nothing is null, 0 stands for none and the dates for never: rows of one size load fast and compare simply. Small
    ids are plain integers: the table is derived and has no references to check.
    """

    pk = models.CompositePrimaryKey("client_id", "category_id", "day", "store_id")
    client_id = models.BigIntegerField()
    category_id = models.IntegerField()
    day = models.DateField()
    store_id = models.IntegerField()
    # The store's location row in force that day: city, tier and region.
    location_id = models.IntegerField()
    # Of the first kept line of the first visit: category (the row's own where it has one) and staff.
    lead_category_id = models.IntegerField()
    staff_id = models.IntegerField()
    # The tier the client held that day.
    member_tier_id = models.IntegerField()

    is_lead = models.BooleanField()
    # The client's first day ever, of each basis, at whatever store and in whatever category.
    is_first_visit = models.BooleanField()
    is_first_purchase = models.BooleanField()
    # A purchase day: of the chain's stream, of the store's.
    is_chain_purchase = models.BooleanField()
    is_store_purchase = models.BooleanField()

    chain_visit_prev = models.DateField()
    chain_visit_next = models.DateField()
    chain_visit_next_location_id = models.IntegerField()
    chain_purchase_prev = models.DateField()
    chain_purchase_next = models.DateField()
    chain_purchase_next_location_id = models.IntegerField()
    store_visit_prev = models.DateField()
    store_visit_next = models.DateField()
    store_purchase_prev = models.DateField()
    store_purchase_next = models.DateField()
    # The next day on which the same person served the client, at whatever store.
    staff_next = models.DateField()

    class Meta:
        indexes: ClassVar = [
            # The clients behind a figure.
            models.Index(
                fields=["day", "location_id"], name="reporting_visitday_place", condition=models.Q(category_id=0)
            )
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.day}"


class StoreDay(models.Model):
    """Lines of a store's day and how many of them have no client. Written by `services.facts` alone."""

    store_id = models.IntegerField()
    day = models.DateField()
    lines = models.IntegerField(default=0)
    anonymous_lines = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["store_id", "day"], name="reporting_storeday_once")]

    def __str__(self) -> str:
        return f"{self.store_id} {self.day}"


class FactBlock(models.Model):
    """Facts of one month once more, as columns: see `blocks`. Rows are added, and folded by `services.kept`; never
    changed."""

    month = models.DateField()
    # Facts of each category, or of all together.
    of_categories = models.BooleanField()
    # 1: facts that have come to be; -1: facts that are gone.
    sign = models.SmallIntegerField()
    rows = models.IntegerField()

    day = models.BinaryField()
    flags = models.BinaryField()
    category_id = models.BinaryField()
    location_id = models.BinaryField()
    lead_category_id = models.BinaryField()
    staff_id = models.BinaryField()
    member_tier_id = models.BinaryField()
    chain_visit_next_location_id = models.BinaryField()
    chain_purchase_next_location_id = models.BinaryField()
    chain_visit_prev = models.BinaryField()
    chain_purchase_prev = models.BinaryField()
    store_visit_prev = models.BinaryField()
    store_purchase_prev = models.BinaryField()
    chain_visit_next = models.BinaryField()
    chain_purchase_next = models.BinaryField()
    store_visit_next = models.BinaryField()
    store_purchase_next = models.BinaryField()
    staff_next = models.BinaryField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["month"], name="reporting_factblock_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.sign * self.rows}"


class KeptPeriod(models.Model):
    """The counts of a standard period, kept from the first time it is asked for: see `services.kept`."""

    start = models.DateField()
    end = models.DateField()
    scope = models.CharField(max_length=5)
    basis = models.CharField(max_length=8)
    # What clients are told apart by besides place and stratum.
    dimension = models.CharField(max_length=11, blank=True)
    # The last block that is counted.
    through_id = models.BigIntegerField()
    # Columns of integers, one after the other.
    cells = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["start", "end", "scope", "basis", "dimension"], name="reporting_period_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.start}–{self.end} {self.scope} {self.basis} {self.dimension}"
