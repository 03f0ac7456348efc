from django.urls import path

from tenants.signup import views

urlpatterns = [
    path("sign-up/", views.new, name="sign-up"),
    path("sign-up/address/", views.address, name="sign-up-address"),
    path("sign-in/", views.finder, name="finder"),
]
