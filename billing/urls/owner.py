from django.urls import path

from billing.views import account, fapiao, invoices, plan_changes, subscription

app_name = "billing"
urlpatterns = [
    path("", account.account, name="account"),
    path("upcoming/", account.upcoming, name="upcoming"),
    path("subscription/", subscription.subscribe, name="subscribe"),
    path("subscription/paid/", subscription.paid, name="paid"),
    path("payment-details/", subscription.payment_details, name="portal"),
    path("payment-details/returned/", subscription.returned, name="returned"),
    path("change/", plan_changes.change, name="change"),
    path("cancellation/", subscription.cancellation, name="cancellation"),
    path("cancellation/withdrawal/", subscription.cancellation_withdrawal, name="cancellation-withdrawal"),
    path("invoices/<str:invoice_id>/", invoices.page, name="invoice"),
    path("invoices/<str:invoice_id>/pdf/", invoices.pdf, name="invoice-pdf"),
    path("fapiao/", fapiao.details, name="fapiao"),
]
