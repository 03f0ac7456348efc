"""Validates the values of a new chain; each error names the field and how to fix it."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from core.shared.errors import AppError

from .iso import COUNTRIES, CURRENCIES

MAX_SCHEMA_LENGTH = 30
MAX_NAME_LENGTH = 150
# Single underscores only: they become hyphens in the address, and two would make role names ambiguous.
SCHEMA = re.compile(r"\A[a-z](?:_?[a-z0-9])*\Z")
LONGEST_HOST_NAME = 253
HOST_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
RESERVED = frozenset(
    """
    account accounts admin administrator api app apps assets auth autodiscover billing blog cdn chain chains citus
    console dashboard dev dns docs download email ext files ftp healthz help imap information_schema internal
    localhost login mail media mx news ns ns1 ns2 operator pop postgres preview prod public readyz recording register
    root secure security signin signup smtp sso staging static status store stripe support system test tests tmp
    tenants token tokens webhook webhooks webmail wildcard www www1 www2
    """.split()  # noqa: SIM905
)


def clean_schema(schema: str) -> str:
    if len(schema) > MAX_SCHEMA_LENGTH:
        raise AppError("schema_too_long", _("Use %d characters at most.") % MAX_SCHEMA_LENGTH, field="schema")
    if not SCHEMA.match(schema):
        message = _("Use small letters a to z, digits and single underscores between them, beginning with a letter.")
        raise AppError("schema_invalid", message, field="schema")
    if schema in RESERVED or schema.startswith("pg_"):
        raise AppError("schema_reserved", _("“%s” is reserved; choose another name.") % schema, field="schema")
    return schema


def clean_domain(domain: str | None, *, schema: str) -> str:
    host = f"{schema.replace('_', '-')}.localhost" if domain is None else domain.strip().lower().removesuffix(".")
    if len(host) > LONGEST_HOST_NAME or not all(map(HOST_LABEL.fullmatch, host.split("."))):
        message = _("“%s” is not a host name: use letters, digits, hyphens and dots, such as acme.example.com.")
        raise AppError("domain_invalid", message % domain, field="domain")
    if host in {*settings.PLATFORM_HOSTS, *settings.CONSOLE_HOSTS}:
        raise AppError("domain_taken", _("“%s” is the platform's own address; choose another.") % host, field="domain")
    return host


def clean_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > MAX_NAME_LENGTH or not cleaned.isprintable():
        message = _("Give the chain a name of 1 to %d characters.") % MAX_NAME_LENGTH
        raise AppError("name_invalid", message, field="name")
    return cleaned


def clean_country(country: str) -> str:
    if country.upper() not in COUNTRIES:
        message = _("“%s” is not a country code; use two letters of ISO 3166, such as CN or GB.")
        raise AppError("country_unknown", message % country, field="country")
    return country.upper()


def clean_currency(currency: str) -> str:
    if currency.upper() not in CURRENCIES:
        message = _("“%s” is not a currency code; use three letters of ISO 4217, such as CNY or GBP.")
        raise AppError("currency_unknown", message % currency, field="currency")
    return currency.upper()


def clean_time_zone(time_zone: str) -> str:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = _("“%s” is not a time zone; use a name such as Asia/Shanghai or Europe/London.")
        raise AppError("time_zone_unknown", message % time_zone, field="time_zone") from error
    return time_zone


def clean_language(language: str | None, *, country: str) -> str:
    if language is None:
        return "zh-hans" if country == "CN" else "en"
    known = [code for code, _name in settings.LANGUAGES]
    if language.lower() not in known:
        message = _("“%(language)s” is not one of the languages: %(known)s.")
        raise AppError(
            "language_unknown", message % {"language": language, "known": ", ".join(known)}, field="language"
        )
    return language.lower()


def clean_owner_email(email: str | None) -> str | None:
    if email is None:
        return None
    cleaned = email.strip().lower()
    try:
        validate_email(cleaned)
    except ValidationError as error:
        message = _("“%s” is not an e-mail address; write it as name@example.com.")
        raise AppError("email_invalid", message % email, field="owner_email") from error
    return cleaned
