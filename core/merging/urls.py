from django.urls import path

from core.merging import views

app_name = "merges"
urlpatterns = [
    path("", views.merge_list, name="list"),
    path("<int:merge_id>/", views.undo, name="undo"),
    path("<slug:kind>/<int:record_id>/", views.new, name="new"),
]
