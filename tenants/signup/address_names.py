"""The name part of a chain's address, `name` in `name.host`: proposed, validated, and checked for look-alikes."""

import os
import re
import unicodedata

from django.utils.translation import gettext as _

from core.shared.addresses import chains_host
from core.shared.errors import AppError
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning.checks import MAX_SCHEMA_LENGTH, RESERVED

MIN_LENGTH = 3
MAX_LENGTH = MAX_SCHEMA_LENGTH
SHAPE = re.compile(r"\A[a-z](?:-?[a-z0-9])*\Z")
BRAND = "revisit"
# Characters that look alike in many typefaces; hyphens are dropped. Used in Python and in SQL.
_CONFUSABLE = ("013i4578-", "olelastb")
_CONFUSABLE_PAIRS = (("rn", "m"), ("vv", "w"))
_TABLE = str.maketrans(_CONFUSABLE[0][:-1], _CONFUSABLE[1], "-")


def confusable_key(name: str) -> str:
    """Return a key that is equal for names which a hurried reader would confuse."""
    alike = name.translate(_TABLE)
    for pair, letter in _CONFUSABLE_PAIRS:
        alike = alike.replace(pair, letter)
    return alike


_RESERVED = {confusable_key(word.replace("_", "-")): word.replace("_", "-") for word in (*RESERVED, BRAND)}


def propose_name(chain_name: str) -> str:
    """Propose a free address for a chain name (Chinese as pinyin); empty if there is none."""
    base = _latinize(chain_name)
    if len(base) < MIN_LENGTH:
        base = f"{base}-salon" if base else ""
    candidates = [base, f"{base}-salon", *(f"{base}-{number}" for number in range(2, 100))] if base else []
    return next((name for name in map(_truncate, candidates) if find_problem(name) is None), "")


def _latinize(chain_name: str) -> str:
    text = "".join(pinyin_syllables(chain_name)).replace("ß", "ss").replace("&", " ").replace("'", "").replace("’", "")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return re.sub(r"\A[0-9-]+", "", words)


def pinyin_syllables(text: str) -> list[str]:
    """Return the pinyin syllables of Chinese text, also used for sorting; other text as it is.

    Character by character: the phrase table, for characters with several readings, takes several times the time and
    memory to load, which a mere proposal is not worth.
    """
    if not any("\u3400" <= letter <= "\u9fff" for letter in text):
        return [text]
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin

    return lazy_pinyin(text)


def _truncate(name: str) -> str:
    """Shorten a name to the maximum length, at a word boundary if possible, keeping a number at the end."""
    if len(name) <= MAX_LENGTH:
        return name
    stem, hyphen, number = name.rpartition("-")
    tail = hyphen + number if number.isdecimal() else ""
    shortened = (stem if tail else name)[: MAX_LENGTH - len(tail)]
    return (shortened.rpartition("-")[0] or shortened).strip("-") + tail


def clean_name(name: str, *, host: str | None = None, own: Chain | None = None) -> str:
    """Return the normalized name. Raises AppError, field `address`, that says how to fix it."""
    cleaned = name.strip().lower()
    problem = find_problem(cleaned, host=host, own=own)
    if problem is not None:
        raise problem
    return cleaned


def find_problem(name: str, *, host: str | None = None, own: Chain | None = None) -> AppError | None:
    """Return why an address cannot be used by a new chain, or by `own`, whose current address does not count."""
    return _check_format(name) or _check_reserved(name) or _check_taken(name, host or chains_host(), own)


def _check_format(name: str) -> AppError | None:
    if name and not SHAPE.match(name):
        message = _("Use the letters a to z, digits, and single hyphens between them, beginning with a letter.")
        return _address_error("address_invalid", message)
    if len(name) < MIN_LENGTH:
        return _address_error("address_too_short", _("Use %d characters at least.") % MIN_LENGTH)
    if len(name) > MAX_LENGTH:
        return _address_error("address_too_long", _("Use %d characters at most.") % MAX_LENGTH)
    return None


def _check_reserved(name: str) -> AppError | None:
    """Check for reserved names, look-alikes of them, and our brand in any part."""
    key = confusable_key(name)
    if key in _RESERVED or name.startswith("pg-"):
        if name == _RESERVED.get(key, name):
            return _address_error("address_reserved", _("“%s” is reserved; choose another.") % name)
        message = _("“%(name)s” can be mistaken for “%(reserved)s”, which is reserved; choose another.")
        return _address_error("address_alike", message % {"name": name, "reserved": _RESERVED[key]})
    if confusable_key(BRAND) in {confusable_key(part) for part in name.split("-")}:
        return _address_error("address_alike", _("An address cannot carry our own name; choose another."))
    return None


def _check_taken(name: str, host: str, own: Chain | None) -> AppError | None:
    """Check for other chains with this name or one that looks alike."""
    own_pk = own.pk if own else None
    label = "split_part(domain, '.', 1)"
    alike = f"translate({label}, '{_CONFUSABLE[0]}', '{_CONFUSABLE[1]}')"
    for pair, letter in _CONFUSABLE_PAIRS:
        alike = f"replace({alike}, '{pair}', '{letter}')"
    statement = (
        f"SELECT {label} FROM tenants_domain WHERE domain = {label} || '.' || %s AND {alike} = %s "  # noqa: S608
        f"AND tenant_id IS DISTINCT FROM %s ORDER BY {label} <> %s LIMIT 1"
    )
    with connection().cursor() as cursor:
        cursor.execute(statement, [host, confusable_key(name), own_pk, name])
        row = cursor.fetchone()
        if row is None:
            schemas = "SELECT 1 FROM tenants_chain WHERE schema_name = %s AND id IS DISTINCT FROM %s"
            cursor.execute(schemas, [name.replace("-", "_"), own_pk])
            row = cursor.fetchone() and (name,)
    if row is None:
        return None
    if row[0] == name:
        return _address_error("address_taken", _("“%s” is taken; choose another.") % name, status=409)
    message = _("“%s” can be mistaken for an address that is taken; choose another.")
    return _address_error("address_alike", message % name, status=409)


def _address_error(code: str, message: str, *, status: int = 400) -> AppError:
    return AppError(code, message, field="address", status=status)
