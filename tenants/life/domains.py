"""A chain's own domains. Ownership is proven by a TXT record in the domain's DNS."""

import secrets

import dns.exception
import dns.resolver
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.audit.trail import record
from core.shared.chain import outside_chain
from core.shared.entitlements import require_feature
from core.shared.errors import AppError, violated_constraint
from tenants.life.addresses import DOMAIN_CONSTRAINT, address_not_found, domain_taken, is_platform_host
from tenants.life.declaration import Action
from tenants.life.models import DomainClaim
from tenants.life.ownership import audit_subject, require_owner
from tenants.models import Chain, Domain
from tenants.provisioning.checks import clean_domain

RECORD = "_revisit"
PREFIX = "revisit-verification="
DNS_TIMEOUT = 5.0
MAX_CLAIMS = 10
FIELD = "domain"


def list_claims(chain: Chain) -> list[DomainClaim]:
    with outside_chain():
        return list(DomainClaim.objects.filter(chain=chain).order_by("domain"))


def claim_domain(chain: Chain, domain: str, *, acting_user: User) -> DomainClaim:
    """Claim a domain; the claim holds the token to publish. Call inside the chain.

    Raises AppError: not an owner, not part of the plan, not a domain, taken.
    """
    require_owner(acting_user)
    require_feature("own_domain")
    host = clean_domain(domain, schema=chain.schema_name)
    if "." not in host or is_platform_host(host) or host.rsplit(".", 1)[1].isdigit():
        message = _(
            "“%s” cannot be a domain of your own: give a name that you have registered, such as salon.example.com."
        )
        raise AppError("domain_invalid", message % host, field=FIELD)
    with outside_chain():
        if Domain.objects.filter(domain=host).exists():
            raise domain_taken(host)
        if DomainClaim.objects.filter(chain=chain).exclude(domain=host).count() >= MAX_CLAIMS:
            message = _("%d domains wait for their record already. Take one of them back first.") % MAX_CLAIMS
            raise AppError("too_many_claims", message, field=FIELD, status=409)
        token = secrets.token_urlsafe(24)
        claim, _made = DomainClaim.objects.get_or_create(chain=chain, domain=host, defaults={"token": token})
    return claim


def verify_domain(chain: Chain, claim_id: int, *, acting_user: User) -> Domain:
    """Make the claimed domain an address of the chain. Raises AppError if the TXT record is missing."""
    require_owner(acting_user)
    require_feature("own_domain")
    claim = _get_claim(chain, claim_id)
    if f"{PREFIX}{claim.token}" not in fetch_txt_records(f"{RECORD}.{claim.domain}"):
        message = _(
            "The record is not there yet, or holds something else. A change of DNS can take an hour to be seen."
        )
        raise AppError("record_differs", message, field=FIELD, status=409)
    try:
        with transaction.atomic():
            with outside_chain():
                domain = Domain.objects.create(domain=claim.domain, tenant=chain, is_primary=False)
                claim.delete()
            after = {"address": domain.domain}
            record(
                action=Action.CHAIN_ADDRESS_CHANGED, acting_user=acting_user, subject=audit_subject(chain), after=after
            )
    except IntegrityError as error:
        if violated_constraint(error) != DOMAIN_CONSTRAINT:
            raise
        raise domain_taken(claim.domain) from error
    return domain


def withdraw_claim(chain: Chain, claim_id: int, *, acting_user: User) -> None:
    require_owner(acting_user)
    claim = _get_claim(chain, claim_id)
    with outside_chain():
        claim.delete()


def fetch_txt_records(name: str) -> set[str]:
    """Return the TXT records of a name. Raises AppError if DNS does not answer."""
    resolver = dns.resolver.Resolver(configure=not settings.DNS_SERVERS)
    if settings.DNS_SERVERS:
        resolver.nameservers = list(settings.DNS_SERVERS)
        resolver.port = settings.DNS_PORT
    try:
        answer = resolver.resolve(name, "TXT", lifetime=DNS_TIMEOUT, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return set()
    except dns.exception.DNSException as error:
        message = _("The DNS of this domain does not answer. Try again in a few minutes.")
        raise AppError("dns_silent", message, field=FIELD, status=503) from error
    return {b"".join(record.strings).decode(errors="replace") for record in answer}


def _get_claim(chain: Chain, claim_id: int) -> DomainClaim:
    with outside_chain():
        claim = DomainClaim.objects.filter(pk=claim_id, chain=chain).first()
    if claim is None:
        raise address_not_found()
    return claim
