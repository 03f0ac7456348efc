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
            # Any period by any place, without touching the table.
            models.Index(
                fields=["day"],
                name="reporting_visitday_chain",
                include=[
                    "is_lead",
                    "chain_visit_prev",
                    "chain_visit_next",
                    "location_id",
                    "lead_category_id",
                    "is_first_visit",
                    "chain_visit_next_location_id",
                ],
                condition=models.Q(category_id=0),
            ),
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


class KeptPeriod(models.Model):
    """A standard period whose sums are kept as `PeriodTotal` rows, from the first time it is asked for."""

    start = models.DateField()
    end = models.DateField()
    scope = models.CharField(max_length=5)
    basis = models.CharField(max_length=8)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["start", "end", "scope", "basis"], name="reporting_period_once")
        ]

    def __str__(self) -> str:
        return f"{self.start}–{self.end} {self.scope} {self.basis}"


class PeriodTotal(models.Model):
    """Sums of a kept period by place and stratum, for all categories together (0) and for each.

    Writers only add rows (also negative ones), so that none waits for another; a reader adds them up;
    `tasks.merge_totals` folds them together.
    """

    # Not checked by the database: a writer may still add to a period that an import is dropping; such rows are swept.
    period = models.ForeignKey(KeptPeriod, models.CASCADE, related_name="totals", db_constraint=False)
    category_id = models.IntegerField()
    location_id = models.IntegerField()
    lead_category_id = models.IntegerField()
    is_new = models.BooleanField()
    # Third of the period in which the client's first day falls: 0, 1 or 2.
    third = models.SmallIntegerField()
    clients = models.IntegerField()
    repeat_clients = models.IntegerField()
    repeat_same_store = models.IntegerField()
    repeat_same_tier = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.period_id}: {self.clients}"
