from django.urls import path

from core.catalogue import views

app_name = "services"
urlpatterns = [
    path("", views.service_list, name="list"),
    path("<int:service_id>/", views.service, name="detail"),
    path("<int:service_id>/deletion/", views.service_deletion, name="deletion"),
    path("categories/", views.category_list, name="categories"),
    path("categories/<int:category_id>/", views.category, name="category"),
    path("categories/<int:category_id>/deletion/", views.category_deletion, name="category-deletion"),
]
