from django.urls import path

from core.profiles import views

app_name = "clients"
urlpatterns = [
    path("", views.client_list, name="list"),
    path("<int:client_id>/", views.client, name="detail"),
    path("<int:client_id>/edit/", views.editing, name="edit"),
    path("<int:client_id>/deletion/", views.deletion, name="deletion"),
]
