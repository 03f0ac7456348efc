"""Texts of django-unfold that it has in English alone, named here so that our catalogues translate them."""

from django.utils.translation import gettext_noop

WORDS = (
    gettext_noop("Filters"),
    gettext_noop("Light"),
    gettext_noop("Dark"),
    gettext_noop("System"),
    gettext_noop("Choose file to upload"),
)
