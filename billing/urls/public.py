from django.urls import path

from billing.views import prices

urlpatterns = [
    path("prices/", prices.prices, name="prices"),
]
