"""How django-allauth works here: nobody signs up to a chain, and what it keeps of the second factor is encrypted."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from core.accounts.policy import requires_second_factor
from core.accounts.signals import sessions_ended
from core.shared.addresses import own_url
from core.shared.chain import current_chain, is_inside_chain
from core.shared.encryption import decrypted, encrypted
from core.shared.errors import AppError
from core.shared.network import client_address, client_network
from core.shared.origin import short_device
from core.shared.rate_limits import is_over_limit

PURPOSE = "second factor"
# From one address of the network, at all chains: the people of a store share one, and those of a whole street may.
SIGN_INS_A_MINUTE = 60


class AccountAdapter(DefaultAccountAdapter):
    # One answer for a wrong password, an unknown and an inactive user: it does not tell which addresses are known.
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "No user here has this e-mail and password. Check both; capitals count in the password."
        ),
        "too_many_login_attempts": _("Too many failed attempts. Wait a few minutes, then try again."),
    }

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Raises AppError where too many came from the network, at all chains together; allauth counts for each."""
        if is_over_limit("sign-in", client_network(request), times=SIGN_INS_A_MINUTE, seconds=60):
            message = _("Too many people sign in from your network. Wait a minute, then try again.")
            raise AppError("too_often", str(message), status=429)
        user = super().authenticate(request, **credentials)
        return user if user and user.is_active else None

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """With links, and a name of the site, that say nothing of the host and port the request came to."""
        request_origin = self.request.build_absolute_uri("/")
        links = {
            name: own_url(f"/{value.removeprefix(request_origin)}")
            for name, value in context.items()
            if isinstance(value, str) and value.startswith(request_origin)
        }
        super().send_mail(template_prefix, email, {**context, **links, "current_site": _site()})

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ARG002
        """By the e-mail alone: allauth's begins with the request's Host, and each port would have its own attempts."""
        return str(credentials.get("email", "")).strip().lower()

    def is_safe_url(self, url: str) -> bool:
        """A page of the same host: another that is allowed is another chain's, or anyone's where all are."""
        here = context.request
        return url_has_allowed_host_and_scheme(url, {here.get_host()}, require_https=here.is_secure())

    def get_login_stages(self) -> list[str]:
        return ["core.accounts.adapter.SecondFactorStage"]

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """People are invited."""
        return False


def _site() -> SimpleNamespace:
    """As allauth's templates of mails name it."""
    name = current_chain().name if is_inside_chain() else "Revisit"
    return SimpleNamespace(name=name, domain=urlsplit(own_url()).netloc)


class SecondFactorStage(AuthenticateStage):
    """The second step of a sign-in."""

    def is_resumable(self, request: HttpRequest) -> bool:
        """Not where the factor was taken off in the meantime: the two pages would lead to each other."""
        return self._should_handle(request)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "Two-step sign-in is required here, so it cannot be turned off. If you have a new phone, change the app."
        ),
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:  # noqa: ARG002 - allauth's signature
        return not requires_second_factor()

    def encrypt(self, text: str) -> str:
        return encrypted(text, purpose=PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypted(encrypted_text, purpose=PURPOSE)


class SessionsAdapter(DefaultUserSessionsAdapter):
    def end_sessions(self, sessions: Sequence[UserSession]) -> None:
        super().end_sessions(sessions)
        if sessions:
            user = sessions[0].user
            devices = [short_device(session.user_agent) for session in sessions]
            sessions_ended.send(type(user), user=user, devices=devices)
