"""Who may ask: by the same matrix of rights as pages."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.accounts.models import User
from core.accounts.rights import Right


class HasRight(BasePermission):
    """Of every view: it names the right it takes as `right`; one that names none is for nobody."""

    def has_permission(self, request: Request, view: object) -> bool:
        right: Right | None = getattr(view, "right", None)
        return right is not None and isinstance(request.user, User) and request.user.may(right)
