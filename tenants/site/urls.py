from django.urls import path

from tenants.site import views

urlpatterns = [
    path("", views.home, name="home"),
]
