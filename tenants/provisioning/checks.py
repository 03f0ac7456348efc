"""What a new chain must satisfy, each refusal with the field at fault and the mend."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from core.shared.errors import AppError

from .iso import COUNTRIES, CURRENCIES

LONGEST_SCHEMA = 30
LONGEST_NAME = 150
# A single underscore between letters and digits: it becomes the hyphen of the address, and two of them would make
# names of roles ambiguous.
SCHEMA = re.compile(r"\A[a-z](?:_?[a-z0-9])*\Z")
HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\Z"
)
RESERVED = frozenset(
    """
    account accounts admin administrator api app apps assets auth autodiscover billing blog cdn chain chains citus
    console dashboard dev dns docs download email ext files ftp healthz help imap information_schema internal
    localhost login mail media mx news ns ns1 ns2 operator pop postgres preview prod public readyz recording register
    root secure security signin signup smtp sso staging static status store stripe support system test tests tmp
    tenants token tokens webhook webhooks webmail wildcard www www1 www2
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, kw_only=True)
class NewChain:
    """What a chain is made from, checked and in its kept form."""

    schema: str
    name: str
    domain: str
    country: str
    currency: str
    time_zone: str
    language: str
    owner_email: str | None


def refuse(field: str, code: str, message: str) -> AppError:
    return AppError(code, message, field=field)


def checked_schema(schema: str) -> str:
    if len(schema) > LONGEST_SCHEMA:
        raise refuse("schema", "schema_too_long", _("Use %d characters at most.") % LONGEST_SCHEMA)
    if not SCHEMA.match(schema):
        message = _("Use small letters a to z, digits and single underscores between them, beginning with a letter.")
        raise refuse("schema", "schema_invalid", message)
    if schema in RESERVED or schema.startswith("pg_"):
        raise refuse("schema", "schema_reserved", _("“%s” is reserved; choose another name.") % schema)
    return schema


def checked_domain(domain: str | None, *, schema: str) -> str:
    host = f"{schema.replace('_', '-')}.localhost" if domain is None else domain.strip().lower().removesuffix(".")
    if not HOST_NAME.match(host):
        message = _("“%s” is not a host name: use letters, digits, hyphens and dots, such as acme.example.com.")
        raise refuse("domain", "domain_invalid", message % domain)
    if host in {*settings.PLATFORM_HOSTS, *settings.CONSOLE_HOSTS}:
        raise refuse("domain", "domain_taken", _("“%s” is the platform's own address; choose another.") % host)
    return host


def checked_name(name: str) -> str:
    kept = " ".join(name.split())
    if not kept or len(kept) > LONGEST_NAME or not kept.isprintable():
        message = _("Give the chain a name of 1 to %d characters.") % LONGEST_NAME
        raise refuse("name", "name_invalid", message)
    return kept


def checked_country(country: str) -> str:
    if country.upper() not in COUNTRIES:
        message = _("“%s” is not a country code; use two letters of ISO 3166, such as CN or GB.")
        raise refuse("country", "country_unknown", message % country)
    return country.upper()


def checked_currency(currency: str) -> str:
    if currency.upper() not in CURRENCIES:
        message = _("“%s” is not a currency code; use three letters of ISO 4217, such as CNY or GBP.")
        raise refuse("currency", "currency_unknown", message % currency)
    return currency.upper()


def checked_time_zone(time_zone: str) -> str:
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = _("“%s” is not a time zone; use a name such as Asia/Shanghai or Europe/London.")
        raise refuse("time_zone", "time_zone_unknown", message % time_zone) from error
    return time_zone


def checked_language(language: str | None, *, country: str) -> str:
    if language is None:
        return "zh-hans" if country == "CN" else "en"
    known = [code for code, _name in settings.LANGUAGES]
    if language.lower() not in known:
        message = _("“%(language)s” is not one of the languages: %(known)s.")
        raise refuse("language", "language_unknown", message % {"language": language, "known": ", ".join(known)})
    return language.lower()


def checked_owner_email(email: str | None) -> str | None:
    if email is None:
        return None
    kept = email.strip().lower()
    try:
        validate_email(kept)
    except ValidationError as error:
        message = _("“%s” is not an e-mail address; write it as name@example.com.")
        raise refuse("owner_email", "email_invalid", message % email) from error
    return kept
