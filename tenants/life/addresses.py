"""A chain's host names: its name under the platform's host, redirects from old names, and its own domains."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.audit.trail import record
from core.shared.chain import outside_chain
from core.shared.errors import AppError, violated_constraint
from core.shared.middleware import SAFE_METHODS
from tenants.life.declaration import Action
from tenants.life.ownership import audit_subject, require_owner
from tenants.models import Chain, Domain
from tenants.provisioning.checks import clean_domain
from tenants.signup import address_names

REDIRECT_DAYS = 30
# PostgreSQL's name of the unique constraint.
DOMAIN_CONSTRAINT = "tenants_domain_domain_key"
FIELD = "address"


def chain_for_domain(domain: Domain) -> Chain | None:
    """Return the chain of a domain; `moved_to` is set if the domain is an old address."""
    chain: Chain = domain.tenant
    if domain.redirects_until is None:
        return chain
    if domain.redirects_until < timezone.now():
        return None
    chain.moved_to = chain.main_domain.domain
    return chain


def redirect_to_host(request: HttpRequest, host: str) -> HttpResponse:
    """Redirect to the same page at another host; 308 makes browsers send a form again unchanged."""
    target = url_at_host(request, host, request.get_full_path())
    return HttpResponse(status=301 if request.method in SAFE_METHODS else 308, headers={"Location": target})


def url_at_host(request: HttpRequest, host: str, path: str) -> str:
    """Return the URL of a path at another host, with the request's scheme and port."""
    _here, port = split_domain_port(request.get_host())
    return f"{request.scheme}://{host}{f':{port}' if port else ''}{path}"


def new_main_host(chain: Chain, request: HttpRequest) -> str:
    """Return the main host if the request's host redirects to it by now, else ''."""
    here, _port = split_domain_port(request.get_host())
    hosts = list_addresses(chain)
    return str(hosts[0].domain) if any(one.domain == here and one.redirects_until for one in hosts) else ""


def list_addresses(chain: Chain) -> list[Domain]:
    """Return the chain's domains: main one, other active ones, redirects."""
    with outside_chain():
        domains = Domain.objects.filter(tenant=chain).order_by("-is_primary", "redirects_until", "domain")
        return sorted(domains, key=lambda one: one.redirects_until is not None)


def platform_domain(chain: Chain) -> Domain:
    """Return the domain under the platform's host, which only we control; the main domain if there is none."""
    hosts = [domain for domain in list_addresses(chain) if domain.redirects_until is None]
    return next((domain for domain in hosts if is_platform_host(domain.domain)), hosts[0])


def is_platform_host(host: str) -> bool:
    return any(host.endswith(f".{platform}") for platform in settings.PLATFORM_HOSTS)


def platform_suffix(chain: Chain) -> str:
    """Return the platform host below which the chain's name stands."""
    hosts = [domain.domain for domain in list_addresses(chain)]
    fitting = [platform for platform in settings.PLATFORM_HOSTS for host in hosts if host.endswith(f".{platform}")]
    return str((fitting or settings.PLATFORM_HOSTS)[0])


def rename_address(chain: Chain, name: str, *, acting_user: User | None) -> Domain:
    """Make `name.host` the main address; the old one redirects for 30 days. Call inside the chain.

    Raises AppError: not an owner, invalid, taken or reserved name.
    """
    require_owner(acting_user)
    return _change_main_domain(chain, _clean_host(chain, name), acting_user=acting_user)


def make_main_address(chain: Chain, domain_id: int, *, acting_user: User) -> Domain:
    """Make another of the chain's domains the main address."""
    require_owner(acting_user)
    with outside_chain():
        domain = Domain.objects.filter(pk=domain_id, tenant=chain, redirects_until=None).first()
    if domain is None:
        raise address_not_found()
    return _change_main_domain(chain, domain.domain, acting_user=acting_user)


def remove_address(chain: Chain, domain_id: int, *, acting_user: User) -> None:
    """Remove a domain. Raises AppError for the main one, and one that is not the chain's."""
    require_owner(acting_user)
    with transaction.atomic():
        with outside_chain():
            domain = Domain.objects.filter(pk=domain_id, tenant=chain).first()
            if domain is None:
                raise address_not_found()
            if domain.domain == chain.main_domain.domain:
                message = _("This is the main address. Make another the main one first.")
                raise AppError("main_address", message, field=FIELD, status=409)
            domain.delete()
        _record(chain, acting_user, before={"address": domain.domain}, after={})


def delete_expired_redirects() -> int:
    """Delete redirects that have expired; return how many. Hourly, outside any chain."""
    deleted, _of = Domain.objects.filter(redirects_until__lt=timezone.now()).delete()
    return deleted


def address_not_found() -> AppError:
    return AppError("unknown_address", _("There is no such address."), field=FIELD, status=404)


def domain_taken(host: str) -> AppError:
    return AppError("domain_taken", _("“%s” is taken; choose another.") % host, field=FIELD, status=409)


def _clean_host(chain: Chain, name: str) -> str:
    """By the rules of a new chain's address."""
    suffix = platform_suffix(chain)
    with outside_chain():
        name_part = address_names.clean_name(name, host=suffix, own=chain)
    try:
        return clean_domain(f"{name_part}.{suffix}", schema=chain.schema_name)
    except AppError as error:
        raise AppError(error.code, error.message, field=FIELD, status=error.status) from error


def _change_main_domain(chain: Chain, host: str, *, acting_user: User | None) -> Domain:
    try:
        with transaction.atomic():
            with outside_chain():
                old, new = _swap_main_domain(chain, host)
            _record(chain, acting_user, before={"address": old}, after={"address": new.domain})
    except IntegrityError as error:
        if violated_constraint(error) != DOMAIN_CONSTRAINT:
            raise
        raise domain_taken(host) from error
    return new


def _swap_main_domain(chain: Chain, host: str) -> tuple[str, Domain]:
    """Make `host` the main domain under a lock; return the old host and the new domain."""
    Chain.objects.select_for_update().get(pk=chain.pk)
    old = chain.main_domain
    if old.domain == host:
        return host, old
    if Domain.objects.filter(domain=host).exclude(tenant=chain).exists():
        raise domain_taken(host)
    Domain.objects.filter(pk=old.pk).update(is_primary=False)
    if is_platform_host(host):
        # Each chain has one active name under the platform's host, even if its own domain was the main address.
        other_ids = [one.pk for one in list_addresses(chain) if is_platform_host(one.domain) and one.domain != host]
        until = timezone.now() + timedelta(days=REDIRECT_DAYS)
        Domain.objects.filter(pk__in=other_ids, redirects_until=None).update(redirects_until=until)
    new, _made = Domain.objects.update_or_create(
        domain=host, tenant=chain, defaults={"is_primary": True, "redirects_until": None}
    )
    return old.domain, new


def _record(chain: Chain, acting_user: User | None, *, before: dict[str, str], after: dict[str, str]) -> None:
    record(
        action=Action.CHAIN_ADDRESS_CHANGED,
        acting_user=acting_user,
        subject=audit_subject(chain),
        before=before,
        after=after,
    )
