from django.urls import path

from core.stores import city_views, group_views, views

urlpatterns = [
    # A store's code may be any text and hold a slash: nothing but the pages of stores can be below stores/.
    path("store-opening/", views.opening, name="opening"),
    path("store-editing/<path:code>/", views.editing, name="editing"),
    path("store-deletion/<path:code>/", views.deletion, name="deletion"),
    path("store-closing/<path:code>/", views.closing, name="closing"),
    path("store-reopening/<path:code>/", views.reopening, name="reopening"),
    path("cities/", city_views.city_list, name="cities"),
    path("cities/<int:city_id>/", city_views.city, name="city"),
    path("cities/<int:city_id>/removal/", city_views.removal, name="city-removal"),
    path("store-groups/", group_views.group_list, name="groups"),
    path("store-groups/<int:group_id>/", group_views.group, name="group"),
    path("store-groups/<int:group_id>/stores/", group_views.joining, name="group-joining"),
    path("store-groups/<int:group_id>/leaving/", group_views.leaving, name="group-leaving"),
    path("store-groups/<int:group_id>/deletion/", group_views.deletion, name="group-deletion"),
]
