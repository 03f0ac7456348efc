"""Creates a chain: row, domain, roles and schema, in one transaction."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from core.shared.errors import AppError, violated_constraint
from tenants.life.folders import remove_folders
from tenants.models import Chain, Domain
from tenants.postgresql_backend.current import connection

from . import checks
from .migrations import apply_migrations
from .schema import make_schema
from .script import current_script

# Field of each unique constraint, by PostgreSQL's name.
UNIQUE_FIELDS = {"tenants_chain_schema_name_key": "schema", "tenants_domain_domain_key": "domain"}
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
    """Create a chain, or raise AppError and leave nothing behind.

    `owner_email` creates the owner, without a usable password. `fill` creates tables and rows in the new schema; by
    default those of a new chain.
    """
    started = time.perf_counter()
    schema, country = checks.clean_schema(schema), checks.clean_country(country)
    chain = Chain(
        schema_name=schema,
        name=checks.clean_name(name),
        country=country,
        currency=checks.clean_currency(currency),
        time_zone=checks.clean_time_zone(time_zone),
        language=checks.clean_language(language, country=country),
    )
    host, email = checks.clean_domain(domain, schema=schema), checks.clean_owner_email(owner_email)
    try:
        with transaction.atomic(), connection().statement_timeout(0):
            _require_available(schema, host)
            _provision(chain, host, fill or populate_chain)
            if email:
                with tenant_context(chain):
                    get_user_model()(email=email, role="owner", password=make_password(None)).save()
    except IntegrityError as error:
        # A concurrent request took the name first.
        field = UNIQUE_FIELDS.get(violated_constraint(error))
        if field is None:
            raise
        raise _taken_error(field, schema, host) from error
    return CreatedChain(schema=schema, domain=host, seconds=round(time.perf_counter() - started, 4))


def _require_available(schema: str, host: str) -> None:
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s),"
            # The files of an erased chain of that name may not be deleted yet.
            " EXISTS (SELECT FROM tenants_chain WHERE schema_name = %s) OR"
            " EXISTS (SELECT FROM life_erasure WHERE schema = %s),"
            " EXISTS (SELECT FROM tenants_domain WHERE domain = %s)",
            [schema, schema, schema, host],
        )
        has_schema, has_chain, has_domain = cursor.fetchone()
    if has_schema or has_chain:
        raise _taken_error("schema", schema, host)
    if has_domain:
        raise _taken_error("domain", schema, host)


def _taken_error(field: str, schema: str, host: str) -> AppError:
    value = host if field == "domain" else schema
    return AppError(f"{field}_taken", _("“%s” is taken; choose another.") % value, field=field, status=409)


def _provision(chain: Chain, host: str, fill: Callable[[], None]) -> None:
    chain.save()
    # Files left by a failed restoration or a schema dropped by hand; the name is ours now, so nobody uses them.
    remove_folders(chain.schema_name)
    Domain(domain=host, tenant=chain, is_primary=True).save()
    make_schema(chain.schema_name, fill=fill)


def populate_chain() -> None:
    """Create the current chain's tables and first rows: by the recorded script, or by the migrations if it is stale."""
    script = current_script()
    if script is None:
        logger.warning("The prepared script is older than the migrations; running those. Renew it: record_chain_script")
        apply_migrations()
    else:
        connection().execute_script(script)
