from django.urls import path

from core.start.views import sample, way_in

app_name = "start"
urlpatterns = [
    path("welcome/", way_in.welcome, name="welcome"),
    path("confirm-email/", way_in.confirm_email, name="confirm-email"),
    path("confirm-email/again/", way_in.send_again, name="send-confirmation"),
    path("sample/", sample.load, name="load-sample"),
    path("sample/remove/", sample.remove, name="remove-sample"),
]
