from typing import ClassVar

from django.db import models


class StoreDay(models.Model):
    """Lines of a store's day and how many of them have no client. Written by `facts.store_days` alone."""

    pk = models.CompositePrimaryKey("store_id", "day")
    store_id = models.IntegerField()
    day = models.DateField()
    lines = models.IntegerField(default=0)
    anonymous_lines = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.store_id} {self.day}"


class AnonymousDay(models.Model):
    """What lines without a client come to on a store's day, by category, in hundredths: revenue that no fact holds.
    Written by `facts.anonymous` alone."""

    pk = models.CompositePrimaryKey("day", "store_id", "category_id")
    day = models.DateField()
    store_id = models.IntegerField()
    category_id = models.IntegerField()
    net_revenue = models.BigIntegerField()
    consumed_value = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.store_id} {self.day} {self.category_id}"


class MonthLines(models.Model):
    """Lines of a month, and how many of them have no client: what came (or, below 0, went) since the rows before, so
    that no one waits for anyone. A month's rows add up; `facts.period_cache.fold` makes them one."""

    month = models.DateField()
    lines = models.BigIntegerField()
    anonymous_lines = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class FactChange(models.Model):
    """From which day on facts have changed, with a random number: see `facts.change_log`."""

    day = models.DateField()
    number = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.day}"


class FactLayout(models.Model):
    """A layout that the chain's facts are kept in, see `facts.layout`: how far it is built, and whether it is complete.

    Until then it holds the facts of the clients up to `built_through`, and of those whose visits have changed since.
    """

    layout = models.SmallIntegerField(primary_key=True)
    built_through = models.BigIntegerField(default=0)
    is_complete = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.layout}: {'complete' if self.is_complete else self.built_through}"


class ClientFacts(models.Model):
    """The facts of a client (`facts.derivation.FACT`), packed: see `facts.by_client`."""

    pk = models.CompositePrimaryKey("layout", "client_id")
    layout = models.SmallIntegerField()
    client_id = models.BigIntegerField()
    facts = models.BinaryField()
    # The store and the day of the last visit, and the days of the two years up to it: see `facts.recent_days`. None
    # where the client has no visit, and in layouts that do not tell.
    store_id = models.IntegerField(null=True)
    last_day = models.DateField(null=True)
    recent_days = models.BinaryField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["store_id", "layout", "last_day"],
                condition=models.Q(store_id__isnull=False),
                name="reporting_clientfacts_last",
            )
        ]

    def __str__(self) -> str:
        return str(self.client_id)


class FactBlock(models.Model):
    """The facts of a month as columns: see `facts.blocks`. Rows are added and folded, never changed."""

    layout = models.SmallIntegerField()
    month = models.DateField()
    # Facts of each category, or of all together.
    of_categories = models.BooleanField()
    # 1: facts that have come to be; -1: facts that are gone.
    sign = models.SmallIntegerField()
    rows = models.IntegerField()

    day = models.BinaryField()
    flags = models.BinaryField()
    client_id = models.BinaryField()
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
    # What not every layout has.
    net_revenue = models.BinaryField(null=True)
    consumed_value = models.BinaryField(null=True)
    rating_sum = models.BinaryField(null=True)
    rating_count = models.BinaryField(null=True)
    lead_service_id = models.BinaryField(null=True)
    ratings = models.BinaryField(null=True)
    first_rating = models.BinaryField(null=True)
    is_first_rated = models.BinaryField(null=True)
    visits = models.BinaryField(null=True)
    is_new_visit = models.BinaryField(null=True)
    is_new_purchase = models.BinaryField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["layout", "month"], name="reporting_factblock_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.sign * self.rows}"


class SpendThreshold(models.Model):
    """From what spend a year, in the chain's currency, clients are of high and of middle value; one row, or none for
    the defaults."""

    high_above = models.PositiveIntegerField()
    mid_from = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(mid_from__gt=0, high_above__gt=models.F("mid_from")),
                name="reporting_thresholds_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.high_above}, {self.mid_from}"


class CachedPeriod(models.Model):
    """A metric's counts of a standard period, kept from the first time it is asked for: see `facts.period_cache`."""

    metric = models.CharField(max_length=30)
    metric_version = models.SmallIntegerField()
    start = models.DateField()
    end = models.DateField()
    scope = models.CharField(max_length=5)
    basis = models.CharField(max_length=8)
    # What clients are told apart by besides place and stratum.
    dimension = models.CharField(max_length=11, blank=True)
    # Of the blocks that were counted, and the last of them.
    layout = models.SmallIntegerField()
    through_id = models.BigIntegerField()
    # Columns of integers, one after the other.
    cells = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["metric", "metric_version", "layout", "start", "end", "scope", "basis", "dimension"],
                name="reporting_period_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.start}–{self.end} {self.scope} {self.basis} {self.dimension}"
