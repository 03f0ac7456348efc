from django.urls import path

from core.imports.views import detail, downloads, listing, upload

app_name = "imports"
urlpatterns = [
    path("", listing.import_list, name="list"),
    path("new/", upload.new, name="new"),
    path("<uuid:run_id>/", detail.detail, name="detail"),
    path("<uuid:run_id>/import/", detail.bring_in, name="bring-in"),
    path("<uuid:run_id>/again/", detail.again, name="again"),
    path("<uuid:run_id>/rejects.csv", downloads.rejects, name="rejects"),
]
