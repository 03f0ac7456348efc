import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Closing",
            fields=[
                ("customer_id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="Created")),
                ("trial_ends_at", models.DateTimeField(verbose_name="Trial until")),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="Currency")),
                (
                    "customer_id",
                    models.CharField(max_length=64, null=True, unique=True, verbose_name="Customer at Stripe"),
                ),
                ("checkout_id", models.CharField(blank=True, max_length=128)),
                ("subscription_id", models.CharField(blank=True, max_length=64, verbose_name="Subscription at Stripe")),
                (
                    "status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "no subscription"),
                            ("incomplete", "first payment outstanding"),
                            ("incomplete_expired", "first payment never came"),
                            ("trialing", "in trial, subscribed"),
                            ("active", "active"),
                            ("past_due", "payment overdue"),
                            ("unpaid", "unpaid"),
                            ("canceled", "ended"),
                            ("paused", "paused"),
                        ],
                        default="",
                        max_length=20,
                        verbose_name="Status",
                    ),
                ),
                (
                    "plan",
                    models.CharField(
                        blank=True, choices=[("solo", "Solo"), ("chain", "Chain")], max_length=20, verbose_name="Plan"
                    ),
                ),
                (
                    "interval",
                    models.CharField(
                        blank=True,
                        choices=[("month", "monthly"), ("year", "yearly")],
                        max_length=5,
                        verbose_name="Interval",
                    ),
                ),
                ("quantity", models.PositiveIntegerField(default=0, verbose_name="Stores paid for")),
                ("monthly_amount", models.BigIntegerField(default=0, verbose_name="A month")),
                ("period_ends_at", models.DateTimeField(null=True, verbose_name="Period until")),
                ("cancels_at", models.DateTimeField(null=True, verbose_name="To end on")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="Ended on")),
                ("past_due_since", models.DateTimeField(null=True, verbose_name="Overdue since")),
                ("read_at", models.DateTimeField(null=True, verbose_name="Read from Stripe")),
                ("agreement", models.JSONField(null=True, verbose_name="Agreement")),
                ("fapiao", models.JSONField(null=True)),
                (
                    "chain",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="billing_account",
                        to="tenants.chain",
                        verbose_name="Salon chain",
                    ),
                ),
            ],
            options={
                "verbose_name": "subscription",
                "verbose_name_plural": "subscriptions",
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("number", models.CharField(blank=True, max_length=64, verbose_name="Number")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("open", "to be paid"),
                            ("paid", "paid"),
                            ("uncollectible", "given up"),
                            ("void", "void"),
                        ],
                        max_length=20,
                        verbose_name="Status",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="Currency")),
                ("total", models.BigIntegerField(verbose_name="Total")),
                ("amount_paid", models.BigIntegerField(default=0, verbose_name="Paid")),
                ("amount_refunded", models.BigIntegerField(default=0, verbose_name="Refunded")),
                ("is_disputed", models.BooleanField(default=False, verbose_name="Disputed")),
                ("dispute", models.CharField(blank=True, max_length=40, verbose_name="Dispute")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="Tries")),
                ("created_at", models.DateTimeField(verbose_name="Date")),
                ("paid_at", models.DateTimeField(null=True, verbose_name="Paid on")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invoices",
                        to="billing.account",
                        verbose_name="Account",
                    ),
                ),
            ],
            options={
                "verbose_name": "invoice",
                "verbose_name_plural": "invoices",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="StripeEvent",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("type", models.CharField(max_length=100, verbose_name="Kind")),
                ("customer_id", models.CharField(blank=True, max_length=64, verbose_name="Customer at Stripe")),
                ("created_at", models.DateTimeField(verbose_name="Created")),
                ("received_at", models.DateTimeField(auto_now_add=True, verbose_name="Received")),
                ("payload", models.JSONField()),
                ("handled_at", models.DateTimeField(null=True, verbose_name="Handled")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="Failed tries")),
                ("next_attempt_at", models.DateTimeField(auto_now_add=True)),
                ("problem", models.TextField(blank=True, verbose_name="Problem")),
            ],
            options={
                "verbose_name": "Stripe event",
                "verbose_name_plural": "Stripe events",
                "indexes": [
                    models.Index(
                        condition=models.Q(("handled_at__isnull", True)),
                        fields=["next_attempt_at"],
                        name="billing_event_waiting",
                    ),
                    models.Index(fields=["customer_id", "created_at"], name="billing_event_customer"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about", models.CharField(max_length=100)),
                ("sent_at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="billing.account"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("account", "about"), name="billing_notice_once")],
            },
        ),
        migrations.CreateModel(
            name="RevenueChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subscription_id", models.CharField(max_length=64, verbose_name="Subscription at Stripe")),
                ("at", models.DateTimeField(verbose_name="When")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new", "new"),
                            ("expansion", "expanded"),
                            ("contraction", "contracted"),
                            ("churn", "churned"),
                            ("return", "returned"),
                        ],
                        max_length=12,
                        verbose_name="Kind",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="Currency")),
                ("before", models.BigIntegerField(verbose_name="Before")),
                ("after", models.BigIntegerField(verbose_name="After")),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="revenue_changes",
                        to="billing.account",
                        verbose_name="Account",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of revenue",
                "verbose_name_plural": "changes of revenue",
                "indexes": [models.Index(fields=["at"], name="billing_revenue_when")],
            },
        ),
    ]
