"""What the base template shows on every page: the chain, and the sections its reader may use."""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language

from core.accounts.confirmation import is_confirmed
from core.accounts.models import User
from core.accounts.rights import reach_of
from core.accounts.sections import sections
from core.impersonation.session import Impersonation, impersonation_of
from core.shared.chain import ChainInfo, OutsideChainError, current_chain
from core.shared.payment import payment_notice
from core.start.onboarding import Onboarding, onboarding_for
from core.start.services.sample import has_sample


@dataclass(frozen=True)
class SectionLink:
    title: Promise
    icon: str
    url: str
    current: bool


@dataclass(frozen=True)
class Page:
    chain: ChainInfo | None
    sections: tuple[SectionLink, ...]
    other_languages: tuple[tuple[str, str], ...]
    # Whether the reader has still to confirm the own e-mail address.
    asks_confirmation: bool
    # What there is to say of trial and payment.
    payment_notice: str
    # The template that pages for both signed-in people and strangers extend.
    layout: str
    impersonation: Impersonation | None
    user: User | None

    @property
    def has_sample(self) -> bool:
        return has_sample()

    @cached_property
    def guide(self) -> Onboarding | None:
        """The first steps, for the pages that show them."""
        return onboarding_for(self.user) if self.user else None


def page(request: HttpRequest) -> dict[str, Page]:
    try:
        chain = current_chain()
    except OutsideChainError:
        chain = None
    user = getattr(request, "user", None)
    role = getattr(user, "role", None) if chain else None
    language, impersonation = get_language(), impersonation_of(request) if role else None
    return {
        "page": Page(
            chain=chain,
            sections=_sections(request, role) if role else (),
            other_languages=tuple((code, name) for code, name in settings.LANGUAGES if code != language),
            asks_confirmation=bool(role and not impersonation) and isinstance(user, User) and not is_confirmed(user),
            payment_notice=payment_notice(chain) if chain and role else "",
            layout="frame/base.html" if role else "frame/stranger.html",
            impersonation=impersonation,
            user=user if role and isinstance(user, User) else None,
        )
    }


def _sections(request: HttpRequest, role: str) -> tuple[SectionLink, ...]:
    match = request.resolver_match
    here = match.namespace if match else ""
    return tuple(
        SectionLink(section.title, section.namespace, reverse(section.home), section.namespace == here)
        for section in sections()
        if section.right.belongs_to(role) and reach_of(role) in section.reach
    )
