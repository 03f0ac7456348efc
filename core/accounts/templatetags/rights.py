from django import template
from django.contrib.auth.models import AnonymousUser

from core.accounts.models import User
from core.accounts.password_links import has_user_without_password
from core.accounts.policy import requires_second_factor
from core.accounts.rights import rights

register = template.Library()
register.simple_tag(requires_second_factor)
register.simple_tag(has_user_without_password)


@register.filter
def may(user: User | AnonymousUser, right: str) -> bool:
    """`{% if request.user|may:"import" %}`; raises KeyError for a right that there is not."""
    return isinstance(user, User) and user.may({one.code: one for one in rights()}[right])
