from django.urls import path

from core.staff import views

app_name = "staff"
urlpatterns = [
    path("", views.staff_list, name="list"),
    path("<int:staff_id>/", views.member, name="detail"),
    path("<int:staff_id>/deletion/", views.deletion, name="deletion"),
]
