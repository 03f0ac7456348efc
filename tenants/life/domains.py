"""Domains of a chain's own. Who says that one is theirs shows it by a record in its DNS."""

import secrets

import dns.exception
import dns.resolver
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.audit.trail import record
from core.shared.constraints import violated_constraint
from core.shared.entitlements import require_feature
from core.shared.errors import AppError
from tenants.life.addresses import ONE_CHAIN_A_HOST, is_platforms, taken, unknown_address
from tenants.life.declaration import Action
from tenants.life.models import DomainClaim
from tenants.life.owners import as_subject, require_owner
from tenants.models import Chain, Domain
from tenants.postgresql_backend.platform import as_platform
from tenants.provisioning.checks import checked_domain

RECORD = "_revisit"
PREFIX = "revisit-verification="
SECONDS = 5.0
MOST_CLAIMS = 10
FIELD = "domain"


def claims(chain: Chain) -> list[DomainClaim]:
    with as_platform():
        return list(DomainClaim.objects.filter(chain=chain).order_by("domain"))


def claim_domain(chain: Chain, domain: str, *, acting_user: User) -> DomainClaim:
    """Gives the token to publish. Called inside the chain.

    Raises AppError: not an owner, not part of the plan, no domain, taken.
    """
    require_owner(acting_user)
    require_feature("own_domain")
    host = checked_domain(domain, schema=chain.schema_name)
    if "." not in host or is_platforms(host) or host.rsplit(".", 1)[1].isdigit():
        message = _(
            "“%s” cannot be a domain of your own: give a name that you have registered, such as salon.example.com."
        )
        raise AppError("domain_invalid", message % host, field=FIELD)
    with as_platform():
        if Domain.objects.filter(domain=host).exists():
            raise taken(host)
        if DomainClaim.objects.filter(chain=chain).exclude(domain=host).count() >= MOST_CLAIMS:
            message = _("%d domains wait for their record already. Take one of them back first.") % MOST_CLAIMS
            raise AppError("too_many_claims", message, field=FIELD, status=409)
        token = secrets.token_urlsafe(24)
        claim, _made = DomainClaim.objects.get_or_create(chain=chain, domain=host, defaults={"token": token})
    return claim


def verify_domain(chain: Chain, claim_id: int, *, acting_user: User) -> Domain:
    """The domain becomes an address of the chain. Raises AppError where the record is not to be found."""
    require_owner(acting_user)
    require_feature("own_domain")
    claim = _claim(chain, claim_id)
    if f"{PREFIX}{claim.token}" not in texts_of(f"{RECORD}.{claim.domain}"):
        message = _(
            "The record is not there yet, or holds something else. A change of DNS can take an hour to be seen."
        )
        raise AppError("record_differs", message, field=FIELD, status=409)
    try:
        with transaction.atomic():
            with as_platform():
                domain = Domain.objects.create(domain=claim.domain, tenant=chain, is_primary=False)
                claim.delete()
            after = {"address": domain.domain}
            record(action=Action.CHAIN_ADDRESS_CHANGED, acting_user=acting_user, subject=as_subject(chain), after=after)
    except IntegrityError as error:
        if violated_constraint(error) != ONE_CHAIN_A_HOST:
            raise
        raise taken(claim.domain) from error
    return domain


def withdraw_claim(chain: Chain, claim_id: int, *, acting_user: User) -> None:
    require_owner(acting_user)
    claim = _claim(chain, claim_id)
    with as_platform():
        claim.delete()


def texts_of(name: str) -> set[str]:
    """The TXT records of a name; none where it has none. Raises AppError where DNS does not answer."""
    resolver = dns.resolver.Resolver(configure=not settings.DNS_SERVERS)
    if settings.DNS_SERVERS:
        resolver.nameservers = list(settings.DNS_SERVERS)
        resolver.port = settings.DNS_PORT
    try:
        answer = resolver.resolve(name, "TXT", lifetime=SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return set()
    except dns.exception.DNSException as error:
        message = _("The DNS of this domain does not answer. Try again in a few minutes.")
        raise AppError("dns_silent", message, field=FIELD, status=503) from error
    return {b"".join(found.strings).decode(errors="replace") for found in answer}


def _claim(chain: Chain, claim_id: int) -> DomainClaim:
    with as_platform():
        found = DomainClaim.objects.filter(pk=claim_id, chain=chain).first()
    if found is None:
        raise unknown_address()
    return found
