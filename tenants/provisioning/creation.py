"""Make a chain: its row, its address, its roles and its schema, in one transaction."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from core.shared.constraints import violated_constraint
from core.shared.errors import AppError
from tenants.life.folders import remove_folders
from tenants.models import Chain, Domain
from tenants.postgresql_backend.current import connection

from . import checks
from .checks import NewChain
from .migrations import apply_migrations
from .schema import make_schema
from .script import current_script

# What each constraint, as PostgreSQL names it, keeps to one chain.
UNIQUE = {"tenants_chain_schema_name_key": "schema", "tenants_domain_domain_key": "domain"}
logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class CreatedChain:
    schema: str
    domain: str
    seconds: float


def create_chain(
    *,
    schema: str,
    name: str,
    domain: str | None = None,
    country: str = "CN",
    currency: str = "CNY",
    time_zone: str = "Asia/Shanghai",
    language: str | None = None,
    owner_email: str | None = None,
    fill: Callable[[], None] | None = None,
) -> CreatedChain:
    """Make a chain, or raise AppError and leave nothing behind.

    An `owner_email` makes a first user, the owner, and no usable password yet. `fill` makes tables and rows in the new
    schema; a new chain's own unless given.
    """
    began = time.perf_counter()
    checked_schema, checked_country = checks.checked_schema(schema), checks.checked_country(country)
    new = NewChain(
        schema=checked_schema,
        name=checks.checked_name(name),
        domain=checks.checked_domain(domain, schema=checked_schema),
        country=checked_country,
        currency=checks.checked_currency(currency),
        time_zone=checks.checked_time_zone(time_zone),
        language=checks.checked_language(language, country=checked_country),
        owner_email=checks.checked_owner_email(owner_email),
    )
    try:
        with transaction.atomic(), connection().statement_timeout(0):
            _refuse_taken(new)
            _provision(new, fill or fill_chain)
    except IntegrityError as error:
        # Two at once for the same name: the other one was first.
        field = UNIQUE.get(violated_constraint(error))
        if field is None:
            raise
        raise _taken(field, new) from error
    return CreatedChain(schema=new.schema, domain=new.domain, seconds=round(time.perf_counter() - began, 4))


def _refuse_taken(new: NewChain) -> None:
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s),"
            # The last files of an erased chain of that name may still be about to go.
            " EXISTS (SELECT FROM tenants_chain WHERE schema_name = %s) OR"
            " EXISTS (SELECT FROM life_erasure WHERE schema = %s),"
            " EXISTS (SELECT FROM tenants_domain WHERE domain = %s)",
            [new.schema, new.schema, new.schema, new.domain],
        )
        has_schema, has_chain, has_domain = cursor.fetchone()
    if has_schema or has_chain:
        raise _taken("schema", new)
    if has_domain:
        raise _taken("domain", new)


def _taken(field: str, new: NewChain) -> AppError:
    value = new.domain if field == "domain" else new.schema
    return AppError(f"{field}_taken", _("“%s” is taken; choose another.") % value, field=field, status=409)


def _provision(new: NewChain, fill: Callable[[], None]) -> None:
    chain = Chain(
        schema_name=new.schema,
        name=new.name,
        country=new.country,
        currency=new.currency,
        time_zone=new.time_zone,
        language=new.language,
    )
    chain.save()
    # Of a chain of that name that never came to be, or was dropped by hand; now that the name is ours nobody uses them.
    remove_folders(new.schema)
    Domain(domain=new.domain, tenant=chain, is_primary=True).save()
    make_schema(new.schema, fill=fill)
    if new.owner_email:
        with tenant_context(chain):
            get_user_model()(email=new.owner_email, role="owner", password=make_password(None)).save()


def fill_chain() -> None:
    """Tables and first rows of the chain entered, as its owner: the prepared script, or the migrations themselves."""
    script = current_script()
    if script is None:
        logger.warning("The prepared script is older than the migrations; running those. Renew it: record_chain_script")
        apply_migrations()
    else:
        connection().execute_script(script)
