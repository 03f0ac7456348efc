"""Sends an e-mail in all our languages, one below the other, since the language of its reader may be unknown."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


@dataclass(frozen=True)
class EmailText:
    """The text in one language; `links` are pairs of title and address."""

    subject: str
    paragraphs: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


def send_email(*, to: str, compose: Callable[[], EmailText], first: str = "") -> None:
    """Calls `compose` once in each language; `first`, the reader's language if known, comes first."""
    codes = sorted((code for code, _name in settings.LANGUAGES), key=lambda code: code != first)
    texts = []
    for code in codes:
        with translation.override(code):
            texts.append((code, compose()))
    message = EmailMultiAlternatives(
        subject=" · ".join(" ".join(text.subject.split()) for _code, text in texts),
        body=render_to_string("mail/email.txt", {"texts": texts}),
        to=[to],
    )
    message.attach_alternative(render_to_string("mail/email.html", {"texts": texts}), "text/html")
    message.send()
