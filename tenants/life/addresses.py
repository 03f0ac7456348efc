"""The hosts a chain answers at: its name under the platform's, old ones that send on, and domains of its own."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.audit.trail import record
from core.shared.constraints import violated_constraint
from core.shared.errors import AppError
from core.shared.middleware import SAFE_METHODS
from tenants.life.declaration import Action
from tenants.life.owners import as_subject, require_owner
from tenants.models import Chain, Domain
from tenants.postgresql_backend.platform import as_platform
from tenants.provisioning.checks import checked_domain
from tenants.signup import names

REDIRECT_DAYS = 30
# As PostgreSQL names it.
ONE_CHAIN_A_HOST = "tenants_domain_domain_key"
FIELD = "address"


def chain_of(domain: Domain) -> Chain | None:
    """The chain that answers at a host; `moved_to` is set where the host is an old address of it."""
    chain: Chain = domain.tenant
    if domain.redirects_until is None:
        return chain
    if domain.redirects_until < timezone.now():
        return None
    chain.moved_to = chain.main_domain.domain
    return chain


def moved(request: HttpRequest, host: str) -> HttpResponse:
    """The same page at the address of now; a form is sent again as it was."""
    target = at_host(request, host, request.get_full_path())
    return HttpResponse(status=301 if request.method in SAFE_METHODS else 308, headers={"Location": target})


def at_host(request: HttpRequest, host: str, path: str) -> str:
    """The path at another of the chain's hosts, by the scheme and port that the request came by."""
    _here, port = split_domain_port(request.get_host())
    return f"{request.scheme}://{host}{f':{port}' if port else ''}{path}"


def has_moved(chain: Chain, request: HttpRequest) -> str:
    """The main host, where the one of the request sends on to it by now; else nothing."""
    here, _port = split_domain_port(request.get_host())
    hosts = addresses(chain)
    return str(hosts[0].domain) if any(one.domain == here and one.redirects_until for one in hosts) else ""


def addresses(chain: Chain) -> list[Domain]:
    """The main one first, then those that answer too, then those that send on."""
    with as_platform():
        found = Domain.objects.filter(tenant=chain).order_by("-is_primary", "redirects_until", "domain")
        return sorted(found, key=lambda domain: domain.redirects_until is not None)


def platform_domain(chain: Chain) -> Domain:
    """One under the platform's host, where nothing but this server answers; the main one of a chain that has none."""
    hosts = [domain for domain in addresses(chain) if domain.redirects_until is None]
    return next((domain for domain in hosts if is_platforms(domain.domain)), hosts[0])


def is_platforms(host: str) -> bool:
    return any(host.endswith(f".{platform}") for platform in settings.PLATFORM_HOSTS)


def platform_suffix(chain: Chain) -> str:
    """What follows the chain's name in its address."""
    hosts = [domain.domain for domain in addresses(chain)]
    fitting = [platform for platform in settings.PLATFORM_HOSTS for host in hosts if host.endswith(f".{platform}")]
    return str((fitting or settings.PLATFORM_HOSTS)[0])


def rename_address(chain: Chain, name: str, *, acting_user: User | None) -> Domain:
    """`name.host` becomes the main address, the old main one sends on for 30 days. Called inside the chain.

    Raises AppError: not an owner, no possible name, taken or reserved.
    """
    require_owner(acting_user)
    return _move(chain, _checked_host(chain, name), acting_user=acting_user)


def make_main(chain: Chain, domain_id: int, *, acting_user: User) -> Domain:
    """One of the chain's other hosts becomes the main address."""
    require_owner(acting_user)
    with as_platform():
        found = Domain.objects.filter(pk=domain_id, tenant=chain, redirects_until=None).first()
    if found is None:
        raise unknown_address()
    return _move(chain, found.domain, acting_user=acting_user)


def remove_address(chain: Chain, domain_id: int, *, acting_user: User) -> None:
    """Raises AppError for the main address, and one that is not the chain's."""
    require_owner(acting_user)
    with transaction.atomic():
        with as_platform():
            found = Domain.objects.filter(pk=domain_id, tenant=chain).first()
            if found is None:
                raise unknown_address()
            if found.domain == chain.main_domain.domain:
                message = _("This is the main address. Make another the main one first.")
                raise AppError("main_address", message, field=FIELD, status=409)
            found.delete()
        _record(chain, acting_user, before={"address": found.domain}, after={})


def forget_old_addresses() -> int:
    """Hourly, outside any chain: those that have sent on long enough."""
    deleted, _of = Domain.objects.filter(redirects_until__lt=timezone.now()).delete()
    return deleted


def unknown_address() -> AppError:
    return AppError("unknown_address", _("There is no such address."), field=FIELD, status=404)


def taken(host: str) -> AppError:
    return AppError("domain_taken", _("“%s” is taken; choose another.") % host, field=FIELD, status=409)


def _checked_host(chain: Chain, name: str) -> str:
    """By the rules of a new chain's address."""
    suffix = platform_suffix(chain)
    with as_platform():
        kept = names.checked(name, host=suffix, own=chain)
    try:
        return checked_domain(f"{kept}.{suffix}", schema=chain.schema_name)
    except AppError as error:
        raise AppError(error.code, error.message, field=FIELD, status=error.status) from error


def _move(chain: Chain, host: str, *, acting_user: User | None) -> Domain:
    try:
        with transaction.atomic():
            with as_platform():
                old, new = _exchange(chain, host)
            _record(chain, acting_user, before={"address": old}, after={"address": new.domain})
    except IntegrityError as error:
        if violated_constraint(error) != ONE_CHAIN_A_HOST:
            raise
        raise taken(host) from error
    return new


def _exchange(chain: Chain, host: str) -> tuple[str, Domain]:
    """Of two at once, the second waits for the first."""
    Chain.objects.select_for_update().get(pk=chain.pk)
    old = chain.main_domain
    if old.domain == host:
        return host, old
    if Domain.objects.filter(domain=host).exclude(tenant=chain).exists():
        raise taken(host)
    Domain.objects.filter(pk=old.pk).update(is_primary=False)
    if is_platforms(host):
        # One name under the platform's host for each chain, also where a domain of its own was the main address.
        others = [one.pk for one in addresses(chain) if is_platforms(one.domain) and one.domain != host]
        until = timezone.now() + timedelta(days=REDIRECT_DAYS)
        Domain.objects.filter(pk__in=others, redirects_until=None).update(redirects_until=until)
    new, _made = Domain.objects.update_or_create(
        domain=host, tenant=chain, defaults={"is_primary": True, "redirects_until": None}
    )
    return old.domain, new


def _record(chain: Chain, acting_user: User | None, *, before: dict[str, str], after: dict[str, str]) -> None:
    record(
        action=Action.CHAIN_ADDRESS_CHANGED,
        acting_user=acting_user,
        subject=as_subject(chain),
        before=before,
        after=after,
    )
