from django.urls import path

from billing.webhooks import views

urlpatterns = [path("billing/webhook/", views.receive, name="stripe-webhook")]
