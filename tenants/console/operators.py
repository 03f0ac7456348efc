"""The platform's own people: users of `public`."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.accounts.rights import Role
from core.shared.errors import AppError
from tenants.addresses import console_url


def create_operator(*, email: str, name: str = "", password: str | None = None) -> User:
    """Called outside any chain; without a password, a `password_link` leads to one. Raises AppError."""
    kept, field = email.strip().lower(), "email"
    try:
        validate_email(kept)
        field = "password"
        if password is not None:
            validate_password(password, User(email=kept, name=name))
    except ValidationError as error:
        raise AppError(f"{field}_invalid", " ".join(error.messages), field=field) from error
    if User.objects.filter(email=kept).exists():
        raise AppError("email_taken", _("There is an operator with this e-mail already."), field="email", status=409)
    return User.objects.create(
        email=kept, name=name, role=Role.OPERATOR, password=make_password(password), email_confirmed_at=timezone.now()
    )


def password_link(operator: User) -> str:
    """Good once, and for three days. It leads to the console. Raises AppError where there is none."""
    if not console_url():
        message = _("There is no console: name its host in CONSOLE_HOSTS first.")
        raise AppError("no_console", message)
    words = {"uidb36": user_pk_to_url_str(operator), "key": default_token_generator.make_token(operator)}
    return console_url(reverse("account_reset_password_from_key", kwargs=words, urlconf=settings.CONSOLE_URLCONF))
