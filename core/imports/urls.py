from django.urls import path

from core.imports.views import profiles, resumable, runs, undo, upload

app_name = "imports"
urlpatterns = [
    path("", runs.import_list, name="list"),
    path("profiles/", profiles.profile_list, name="profiles"),
    path("profiles/<int:profile_id>/", profiles.rename, name="rename-profile"),
    path("profiles/<int:profile_id>/forget/", profiles.forget, name="forget-profile"),
    path("new/", upload.new, name="new"),
    path("uploads/", resumable.begin, name="begin-upload"),
    path("uploads/<uuid:upload_id>/", resumable.piece, name="upload"),
    path("uploads/<uuid:upload_id>/discard/", resumable.discard, name="discard-upload"),
    path("<uuid:run_id>/", runs.detail, name="detail"),
    path("<uuid:run_id>/import/", runs.bring_in, name="bring-in"),
    path("<uuid:run_id>/answers/", runs.answer, name="answer"),
    path("<uuid:run_id>/undo/", undo.undo, name="undo"),
    path("<uuid:run_id>/again/", runs.again, name="again"),
    path("<uuid:run_id>/rejects.csv", runs.rejects, name="rejects"),
]
