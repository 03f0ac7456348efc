"""What a password has to be, in our words where Django's are not translated."""

import string
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator, MinimumLengthValidator
from django.utils.translation import gettext as _


class LengthValidator(MinimumLengthValidator):
    def get_error_message(self) -> str:
        return _("Use %d characters at least.") % self.min_length


class CommonValidator(CommonPasswordValidator):
    """Also one that is common but for figures and signs before or behind it: Password123!, woaini1314."""

    # So much beside it is a secret of its own.
    ENOUGH = 8

    def validate(self, password: str, user: Any = None) -> None:
        bare = password.lower().strip(string.digits + string.punctuation + " ")
        if bare and len(password) - len(bare) < self.ENOUGH:
            super().validate(bare, user)
        super().validate(password, user)
