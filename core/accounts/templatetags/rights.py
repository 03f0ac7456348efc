from django import template
from django.contrib.auth.models import AnonymousUser

from core.accounts.models import User
from core.accounts.policy import requires_second_factor
from core.accounts.rights import Right

register = template.Library()
register.simple_tag(requires_second_factor, name="requires_second_factor")


@register.filter
def may(user: User | AnonymousUser, right: str) -> bool:
    """`{% if request.user|may:"import" %}`; raises ValueError for a right that there is not."""
    return isinstance(user, User) and user.may(Right(right))
