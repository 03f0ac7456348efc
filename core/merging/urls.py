from django.urls import path

from core.merging import views

app_name = "merges"
urlpatterns = [
    path("", views.merge_list, name="list"),
    path("clients/", views.duplicates, name="duplicates"),
    path("clients/<int:first_id>/<int:second_id>/different/", views.different, name="different"),
    path("<int:merge_id>/", views.undo, name="undo"),
    path("<slug:kind>/<int:record_id>/", views.new, name="new"),
]
