"""A letter in every language of ours, one below the other: nobody has to guess what its reader reads."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


@dataclass(frozen=True)
class Letter:
    """In one language. `links` are titles with their addresses."""

    subject: str
    paragraphs: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


def send_letter(*, to: str, compose: Callable[[], Letter], first: str = "") -> None:
    """`compose` is called once for each language, within it; the reader's own, if known, comes first."""
    codes = sorted((code for code, _name in settings.LANGUAGES), key=lambda code: code != first)
    letters = []
    for code in codes:
        with translation.override(code):
            letters.append((code, compose()))
    message = EmailMultiAlternatives(
        subject=" · ".join(" ".join(letter.subject.split()) for _code, letter in letters),
        body=render_to_string("mail/letter.txt", {"letters": letters}),
        to=[to],
    )
    message.attach_alternative(render_to_string("mail/letter.html", {"letters": letters}), "text/html")
    message.send()
