"""What a password has to be, in our words where Django's are not translated."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _


class LengthValidator(MinimumLengthValidator):
    def get_error_message(self) -> str:
        return _("Use %d characters at least.") % self.min_length
