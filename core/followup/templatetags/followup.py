"""`{% load followup %}`: what came of a contact, in words."""

from django.template import Library
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.followup.models import Contact
from core.shared.figures import day

register = Library()


@register.filter
def outcome(contact: Contact) -> str:
    """Of one read with `with_outcome`; empty where the client has not come back."""
    came_back = getattr(contact, "came_back", None)
    if came_back is None:
        return ""
    days = (came_back - contact.day).days
    if not days:
        return _("came back the same day")
    words = ngettext("came back on %(day)s, %(days)s day later", "came back on %(day)s, %(days)s days later", days)
    return words % {"day": day(came_back), "days": days}
