"""The address of a chain as a person chooses it: `name` in `name.host`. Proposed from the chain's name, checked, and
kept apart from what it could be mistaken for."""

import os
import re
import unicodedata

from django.utils.translation import gettext as _

from core.shared.addresses import chains_host
from core.shared.errors import AppError
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning.checks import LONGEST_SCHEMA, RESERVED

SHORTEST = 3
LONGEST = LONGEST_SCHEMA
SHAPE = re.compile(r"\A[a-z](?:-?[a-z0-9])*\Z")
OURS = "revisit"
# Written alike in many typefaces; hyphens are overlooked. The same in Python and in SQL.
_ALIKE = ("013i4578-", "olelastb")
_PAIRS = (("rn", "m"), ("vv", "w"))
_TABLE = str.maketrans(_ALIKE[0][:-1], _ALIKE[1], "-")


def likeness(name: str) -> str:
    """The same for all names that a hurried reader takes for one."""
    alike = name.translate(_TABLE)
    for pair, letter in _PAIRS:
        alike = alike.replace(pair, letter)
    return alike


_RESERVED = {likeness(word.replace("_", "-")): word.replace("_", "-") for word in (*RESERVED, OURS)}


def proposed(chain_name: str) -> str:
    """A free address for a chain of that name, Chinese by its pinyin; empty where the name gives none."""
    base = _spelled(chain_name)
    if len(base) < SHORTEST:
        base = f"{base}-salon" if base else ""
    candidates = [base, f"{base}-salon", *(f"{base}-{number}" for number in range(2, 100))] if base else []
    return next((name for name in map(_cut, candidates) if problem_of(name) is None), "")


def _spelled(chain_name: str) -> str:
    text = "".join(syllables(chain_name)).replace("ß", "ss").replace("&", " ").replace("'", "").replace("’", "")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return re.sub(r"\A[0-9-]+", "", words)


def syllables(text: str) -> list[str]:
    """The pinyin of Chinese, in whose order dictionaries stand; other text as it is.

    By single characters: the table of phrases, for the few that are read in several ways, takes several times the time
    and memory to load, and what comes out is only proposed.
    """
    if not any("\u3400" <= letter <= "\u9fff" for letter in text):
        return [text]
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin

    return lazy_pinyin(text)


def _cut(name: str) -> str:
    """To the length allowed, between words where there are any, the number at the end kept."""
    if len(name) <= LONGEST:
        return name
    stem, hyphen, number = name.rpartition("-")
    tail = hyphen + number if number.isdecimal() else ""
    kept = (stem if tail else name)[: LONGEST - len(tail)]
    return (kept.rpartition("-")[0] or kept).strip("-") + tail


def checked(name: str, *, host: str | None = None, own: Chain | None = None) -> str:
    """The name in its kept form. Raises AppError, field `address`, with the mend."""
    kept = name.strip().lower()
    problem = problem_of(kept, host=host, own=own)
    if problem is not None:
        raise problem
    return kept


def problem_of(name: str, *, host: str | None = None, own: Chain | None = None) -> AppError | None:
    """Why a chain cannot have this address: a new one at our host, or `own`, which is never in its own way."""
    return _misshapen(name) or _kept_back(name) or _taken(name, host or chains_host(), own)


def _misshapen(name: str) -> AppError | None:
    if name and not SHAPE.match(name):
        message = _("Use the letters a to z, digits, and single hyphens between them, beginning with a letter.")
        return _refusal("address_invalid", message)
    if len(name) < SHORTEST:
        return _refusal("address_too_short", _("Use %d characters at least.") % SHORTEST)
    if len(name) > LONGEST:
        return _refusal("address_too_long", _("Use %d characters at most.") % LONGEST)
    return None


def _kept_back(name: str) -> AppError | None:
    """Reserved, or made to look as if it were; no part of it may pass for ours."""
    alike = likeness(name)
    if alike in _RESERVED or name.startswith("pg-"):
        if name == _RESERVED.get(alike, name):
            return _refusal("address_reserved", _("“%s” is reserved; choose another.") % name)
        message = _("“%(name)s” can be mistaken for “%(reserved)s”, which is reserved; choose another.")
        return _refusal("address_alike", message % {"name": name, "reserved": _RESERVED[alike]})
    if likeness(OURS) in {likeness(part) for part in name.split("-")}:
        return _refusal("address_alike", _("An address cannot carry our own name; choose another."))
    return None


def _taken(name: str, host: str, own: Chain | None) -> AppError | None:
    """By a chain at the host, or by one that it can be mistaken for."""
    own_pk = own.pk if own else None
    label = "split_part(domain, '.', 1)"
    alike = f"translate({label}, '{_ALIKE[0]}', '{_ALIKE[1]}')"
    for pair, letter in _PAIRS:
        alike = f"replace({alike}, '{pair}', '{letter}')"
    statement = (
        f"SELECT {label} FROM tenants_domain WHERE domain = {label} || '.' || %s AND {alike} = %s "  # noqa: S608
        f"AND tenant_id IS DISTINCT FROM %s ORDER BY {label} <> %s LIMIT 1"
    )
    with connection().cursor() as cursor:
        cursor.execute(statement, [host, likeness(name), own_pk, name])
        row = cursor.fetchone()
        if row is None:
            schemas = "SELECT 1 FROM tenants_chain WHERE schema_name = %s AND id IS DISTINCT FROM %s"
            cursor.execute(schemas, [name.replace("-", "_"), own_pk])
            row = cursor.fetchone() and (name,)
    if row is None:
        return None
    if row[0] == name:
        return _refusal("address_taken", _("“%s” is taken; choose another.") % name, status=409)
    message = _("“%s” can be mistaken for an address that is taken; choose another.")
    return _refusal("address_alike", message % name, status=409)


def _refusal(code: str, message: str, *, status: int = 400) -> AppError:
    return AppError(code, message, field="address", status=status)
