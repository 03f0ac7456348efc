from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.plans import PLANS


class Account(models.Model):
    """The billing account of a chain that signed up by itself; chains created by command have none.

    The subscription fields hold Stripe's state as of `read_at`; only `billing.services.stripe_sync` writes them.
    """

    class Status(models.TextChoices):
        """Stripe's subscription statuses; NONE before the first subscription."""

        NONE = "", _("no subscription")
        INCOMPLETE = "incomplete", _("first payment outstanding")
        INCOMPLETE_EXPIRED = "incomplete_expired", _("first payment never came")
        TRIALING = "trialing", _("in trial, subscribed")
        ACTIVE = "active", _("active")
        PAST_DUE = "past_due", _("payment overdue")
        UNPAID = "unpaid", _("unpaid")
        CANCELED = "canceled", _("ended")
        PAUSED = "paused", _("paused")

    class Interval(models.TextChoices):
        MONTH = "month", _("monthly")
        YEAR = "year", _("yearly")

    chain = models.OneToOneField(
        "tenants.Chain", models.CASCADE, related_name="billing_account", verbose_name=_("Salon chain")
    )
    created_at = models.DateTimeField(_("Created"), auto_now_add=True)
    trial_ends_at = models.DateTimeField(_("Trial until"))
    # ISO 4217. Stripe fixes a customer's currency with the first subscription; empty until then.
    currency = models.CharField(_("Currency"), max_length=3, blank=True)
    customer_id = models.CharField(_("Customer at Stripe"), max_length=64, unique=True, null=True)
    # The open Checkout session, so that a second browser tab reuses it.
    checkout_id = models.CharField(max_length=128, blank=True)

    subscription_id = models.CharField(_("Subscription at Stripe"), max_length=64, blank=True)
    status = models.CharField(_("Status"), max_length=20, choices=Status, blank=True, default=Status.NONE)
    plan = models.CharField(
        _("Plan"), max_length=20, choices=[(plan.code, plan.name) for plan in PLANS.values()], blank=True
    )
    interval = models.CharField(_("Interval"), max_length=5, choices=Interval, blank=True)
    # Stores paid for.
    quantity = models.PositiveIntegerField(_("Stores paid for"), default=0)
    # The account's share of MRR: monthly amount after discounts, in the smallest unit.
    monthly_amount = models.BigIntegerField(_("A month"), default=0)
    period_ends_at = models.DateTimeField(_("Period until"), null=True)
    # Set while the subscription is scheduled to end.
    cancels_at = models.DateTimeField(_("To end on"), null=True)
    ended_at = models.DateTimeField(_("Ended on"), null=True)
    # When the oldest unpaid invoice was issued.
    past_due_since = models.DateTimeField(_("Overdue since"), null=True)
    read_at = models.DateTimeField(_("Read from Stripe"), null=True)

    # Enterprise: negotiated entitlements as JSON, which replace those of a subscription.
    agreement = models.JSONField(_("Agreement"), null=True)
    # Details for Chinese fapiao (tax invoices): see billing.fapiao.
    fapiao = models.JSONField(null=True)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")

    def __str__(self) -> str:
        return self.subscription_id or self.customer_id or str(self.pk)

    # In good standing, with nothing owed; and all in which a subscription runs, so that no second one can begin.
    GOOD_STANDING = frozenset({Status.ACTIVE, Status.TRIALING})
    RUNNING = GOOD_STANDING | {Status.PAST_DUE, Status.UNPAID, Status.PAUSED}

    @property
    def is_payable_late(self) -> bool:
        """Whether Stripe canceled the subscription as unpaid but paying its last invoice would still buy the period."""
        is_unpaid = self.status == self.Status.CANCELED and self.past_due_since is not None
        return is_unpaid and self.period_ends_at is not None and self.period_ends_at > timezone.now()


class Invoice(models.Model):
    """A copy of a Stripe invoice. Amounts are in the currency's smallest unit."""

    class Status(models.TextChoices):
        """Stripe's invoice statuses."""

        DRAFT = "draft", pgettext_lazy("invoice", "draft")
        OPEN = "open", pgettext_lazy("invoice", "to be paid")
        PAID = "paid", pgettext_lazy("invoice", "paid")
        UNCOLLECTIBLE = "uncollectible", pgettext_lazy("invoice", "given up")
        VOID = "void", pgettext_lazy("invoice", "void")

    id = models.CharField(primary_key=True, max_length=64)
    account = models.ForeignKey(Account, models.CASCADE, related_name="invoices", verbose_name=_("Account"))
    number = models.CharField(_("Number"), max_length=64, blank=True)
    status = models.CharField(_("Status"), max_length=20, choices=Status)
    currency = models.CharField(_("Currency"), max_length=3)
    total = models.BigIntegerField(_("Total"))
    amount_paid = models.BigIntegerField(_("Paid"), default=0)
    amount_refunded = models.BigIntegerField(_("Refunded"), default=0)
    is_disputed = models.BooleanField(_("Disputed"), default=False)
    # Stripe's dispute status; `won` and `lost` are final.
    dispute = models.CharField(_("Dispute"), max_length=40, blank=True)
    # Payment attempts.
    attempts = models.PositiveSmallIntegerField(_("Tries"), default=0)
    created_at = models.DateTimeField(_("Date"))
    paid_at = models.DateTimeField(_("Paid on"), null=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")

    def __str__(self) -> str:
        return self.number or self.id

    @property
    def dispute_label(self) -> str:
        """The dispute's state for display; empty if there is none or it was won."""
        if not self.is_disputed:
            return ""
        return str(_("dispute lost") if self.dispute == "lost" else _("disputed"))


class StripeEvent(models.Model):
    """A webhook event, stored before it is acknowledged and processed by a task. Stripe's id makes it unique."""

    id = models.CharField(primary_key=True, max_length=64)
    type = models.CharField(_("Kind"), max_length=100)
    # Empty if the event is not about a customer.
    customer_id = models.CharField(_("Customer at Stripe"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("Created"))
    received_at = models.DateTimeField(_("Received"), auto_now_add=True)
    payload = models.JSONField()
    handled_at = models.DateTimeField(_("Handled"), null=True)
    # Failed attempts: how many, when the next is due, and the last error.
    attempts = models.PositiveSmallIntegerField(_("Failed tries"), default=0)
    next_attempt_at = models.DateTimeField(auto_now_add=True)
    problem = models.TextField(_("Problem"), blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"], condition=models.Q(handled_at__isnull=True), name="billing_event_waiting"
            ),
            models.Index(fields=["customer_id", "created_at"], name="billing_event_customer"),
        ]
        verbose_name = _("Stripe event")
        verbose_name_plural = _("Stripe events")

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


class RevenueChange(models.Model):
    """A change of a subscription's MRR; revenue reports are sums of these rows.

    It outlives the account, so that past reports do not change; then only the subscription id is left.
    """

    class Kind(models.TextChoices):
        NEW = "new", _("new")
        EXPANSION = "expansion", _("expanded")
        CONTRACTION = "contraction", _("contracted")
        CHURN = "churn", _("churned")
        RETURN = "return", _("returned")

    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, related_name="revenue_changes", verbose_name=_("Account")
    )
    subscription_id = models.CharField(_("Subscription at Stripe"), max_length=64)
    at = models.DateTimeField(_("When"))
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind)
    currency = models.CharField(_("Currency"), max_length=3)
    # MRR before and after, in the smallest unit.
    before = models.BigIntegerField(_("Before"))
    after = models.BigIntegerField(_("After"))

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="billing_revenue_when")]
        verbose_name = _("change of revenue")
        verbose_name_plural = _("changes of revenue")

    def __str__(self) -> str:
        return f"{self.kind} {self.before} → {self.after} {self.currency}"


class Notice(models.Model):
    """A billing email that was sent; the unique `about` makes sure that each is sent once."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="notices")
    # The occasion, such as "trial 2026-05-01 3" or "overdue 2026-05-01 halfway".
    about = models.CharField(max_length=100)
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["account", "about"], name="billing_notice_once")]

    def __str__(self) -> str:
        return self.about


class Closing(models.Model):
    """A customer whose chain was erased, with a subscription still to be cancelled at Stripe. Done, the row is gone."""

    customer_id = models.CharField(primary_key=True, max_length=64)
    asked_at = models.DateTimeField(auto_now_add=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.customer_id
