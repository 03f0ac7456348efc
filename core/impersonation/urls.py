from django.urls import path

from core.impersonation import views

app_name = "impersonation"
urlpatterns = [
    path("enter/", views.enter, name="enter"),
    path("leave/", views.leave, name="leave"),
]
