"""Texts that django-unfold has in English only, listed here so that our catalogues translate them."""

from django.utils.translation import gettext_noop

TEXTS = (
    gettext_noop("Filters"),
    gettext_noop("Light"),
    gettext_noop("Dark"),
    gettext_noop("System"),
    gettext_noop("Choose file to upload"),
)
