from django.urls import path

from billing.views import prices
from billing.webhooks import views as webhooks

urlpatterns = [
    path("prices/", prices.prices, name="prices"),
    path("billing/webhook/", webhooks.receive, name="stripe-webhook"),
]
