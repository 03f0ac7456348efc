from django.urls import path

from core.start.views import sample, sign_in

app_name = "start"
urlpatterns = [
    path("welcome/", sign_in.welcome, name="welcome"),
    path("confirm-email/", sign_in.confirm_email, name="confirm-email"),
    path("confirm-email/again/", sign_in.resend_confirmation, name="send-confirmation"),
    path("sample/", sample.load, name="load-sample"),
    path("sample/remove/", sample.remove, name="remove-sample"),
]
