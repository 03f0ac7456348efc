"""What this app brings to the rest of the product."""

from django.utils.translation import gettext_lazy as _

from core.accounts.sections import Section
from core.stores.declaration import SEE_STORE_FIGURES

SECTIONS = (Section("overview", _("Overview"), "overview:front", SEE_STORE_FIGURES, place=0),)
