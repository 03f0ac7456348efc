"""Who asks: for now, people by the session of the chain's pages."""

from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from core.shared.errors import AppError

# HTTP wants a 401 to say how one signs in; a session has no registered scheme.
CHALLENGE = "Session"


class SessionSignIn(SessionAuthentication):
    def authenticate_header(self, _request: Request) -> str:
        """Without one, REST framework would answer 403 to who is not signed in."""
        return CHALLENGE

    def enforce_csrf(self, request: Request) -> None:
        """Raises AppError."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            message = _("A request that changes something needs the CSRF token in the header X-CSRFToken.")
            raise AppError("csrf_failed", message, status=403) from error
