"""The appearance of the operators' console (django-unfold)."""

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
    "SHOW_HISTORY": False,
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": reverse_lazy("language")},
    # The product's green; white text stands on shade 600.
    "COLORS": {
        "primary": {
            "50": "oklch(98.4% .014 180.7)",
            "100": "oklch(95.3% .051 180.8)",
            "200": "oklch(91% .096 180.4)",
            "300": "oklch(85.5% .138 181.1)",
            "400": "oklch(77.7% .152 181.9)",
            "500": "oklch(60% .118 184.7)",
            "600": "oklch(51.1% .096 186.4)",
            "700": "oklch(43.7% .078 188.2)",
            "800": "oklch(38.6% .063 188.4)",
            "900": "oklch(33% .055 190)",
            "950": "oklch(27.7% .046 192.5)",
        }
    },
    "STYLES": [lambda _request: static("console/console.css")],
    "ACCOUNT": {
        "navigation": [
            {"title": _("Your account"), "link": reverse_lazy("account_change_password")},
            {"title": _("Two-step sign-in"), "link": reverse_lazy("mfa_index")},
        ]
    },
}
