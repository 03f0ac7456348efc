"""The platform's own address: says what this is, and which chains exist to nobody."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import TemplateView

from core.accounts.views import language

urlpatterns = [
    path("", login_not_required(TemplateView.as_view(template_name="shared/front.html")), name="home"),
    path("language/", language, name="language"),
]
