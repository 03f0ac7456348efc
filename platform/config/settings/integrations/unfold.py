"""The looks of the operators' console (django-unfold)."""

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

UNFOLD = {
    "SITE_TITLE": _("Operators’ console"),
    "SITE_HEADER": "Revisit",
    "SITE_SUBHEADER": _("Operators’ console"),
    "SITE_SYMBOL": "spa",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("shared/favicon.svg")}],
    "SITE_URL": None,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": reverse_lazy("language")},
    "STYLES": [lambda _request: static("console/console.css")],
    "ACCOUNT": {
        "navigation": [
            {"title": _("Your account"), "link": reverse_lazy("account_change_password")},
            {"title": _("Two-step sign-in"), "link": reverse_lazy("mfa_index")},
        ]
    },
}
