"""Who runs this installation, as the public pages name them, and the check that they can."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning


@dataclass(frozen=True)
class Operator:
    name: str
    address: str
    email: str

    @property
    def is_named(self) -> bool:
        return all((self.name, self.address, self.email))


def operator() -> Operator:
    return Operator(
        settings.PLATFORM_OPERATOR_NAME, settings.PLATFORM_OPERATOR_ADDRESS, settings.PLATFORM_OPERATOR_EMAIL
    )


def check_operator(**_options: Any) -> list[CheckMessage]:
    """Of `check --deploy`: in most countries a site has to say who is responsible for it."""
    if operator().is_named:
        return []
    message = "The public pages do not say who runs this site: privacy, terms and footer name nobody."
    hint = "Set PLATFORM_OPERATOR_NAME, PLATFORM_OPERATOR_ADDRESS and PLATFORM_OPERATOR_EMAIL."
    return [CheckWarning(message, hint=hint, id="site.W001")]
