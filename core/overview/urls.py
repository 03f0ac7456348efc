from django.urls import path

from core.overview import views

app_name = "overview"
urlpatterns = [
    path("", views.front, name="front"),
    path("attention/", views.attention, name="attention"),
    path("trends/", views.trends, name="trends"),
]
