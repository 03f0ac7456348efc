"""Signs up a chain: one service, one transaction."""

import uuid
from dataclasses import dataclass

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from core.accounts import confirmation
from core.accounts.models import User
from core.accounts.tickets import issue_ticket
from core.audit.trail import record
from core.shared.addresses import chains_host
from core.shared.countries import COUNTRIES, Country
from core.shared.errors import AppError, violated_constraint
from core.shared.sentences import join_sentences
from tenants.life.ownership import audit_subject
from tenants.models import Chain
from tenants.provisioning import create_chain
from tenants.provisioning.checks import clean_name, clean_owner_email
from tenants.signals import chain_signed_up
from tenants.signup import address_names
from tenants.signup.declaration import Action
from tenants.signup.models import SignUp

MAX_EMAIL_LENGTH = 254
# PostgreSQL's name of the primary key.
TOKEN_CONSTRAINT = "signup_signup_pkey"  # noqa: S105 - no password


@dataclass(frozen=True)
class SignedUp:
    """The new chain. `ticket` signs the owner in once, within a minute; if empty, the owner uses the password."""

    schema: str
    url: str
    ticket: str

    @property
    def sign_in_url(self) -> str:
        return f"{self.url}welcome/?ticket={self.ticket}" if self.ticket else f"{self.url}sign-in/"


def sign_up(
    *, token: uuid.UUID, name: str, address: str, email: str, password: str, country: str, language: str
) -> SignedUp:
    """Create a chain with its owner and e-mail the owner a confirmation link.

    Idempotent by `token`. An empty `address` is proposed from the name; `language` is the owner's. Raises AppError with
    the invalid field; then nothing has changed.
    """
    earlier = _find_earlier(token, email, password)
    if earlier is not None:
        return earlier
    try:
        owner = _build_owner(email, password, language)
        address_name = address_names.clean_name(address or address_names.propose_name(clean_name(name)))
        owner.password = make_password(password)  # slow, so done before taking locks
        with transaction.atomic():
            chain = _create(clean_name(name), address_name, _find_country(country), owner)
            SignUp.objects.create(token=token, chain=chain)
            chain_signed_up.send(Chain, chain=chain)
    except (AppError, IntegrityError) as error:
        if isinstance(error, IntegrityError) and violated_constraint(error) != TOKEN_CONSTRAINT:
            raise
        # The same form was sent twice at once, and the other request won.
        earlier = _find_earlier(token, email, password)
        if earlier is not None:
            return earlier
        raise (_map_field(error) if isinstance(error, AppError) else error) from error
    return _build_result(chain)


def _build_owner(email: str, password: str, language: str) -> User:
    owner = User(email=clean_owner_email(email) or "", language=language, role=User.Role.OWNER)
    if len(owner.email) > MAX_EMAIL_LENGTH:
        raise AppError(
            "email_invalid", _("Use an e-mail address of %d characters at most.") % MAX_EMAIL_LENGTH, field="email"
        )
    try:
        validate_password(password, owner)
    except ValidationError as error:
        raise AppError("password_weak", join_sentences(error.messages), field="password") from error
    return owner


def _find_country(code: str) -> Country:
    if code not in COUNTRIES:
        raise AppError("country_unknown", _("Choose one of the countries and regions listed."), field="country")
    return COUNTRIES[code]


def _create(name: str, at: str, country: Country, owner: User) -> Chain:
    created = create_chain(
        schema=at.replace("-", "_"),
        name=name,
        domain=f"{at}.{chains_host()}",
        country=country.code,
        currency=country.currency,
        time_zone=country.time_zone,
        language=country.language,
    )
    chain = Chain.objects.get(schema_name=created.schema)
    with tenant_context(chain):
        owner.save()
        details = {"address": created.domain, "email": owner.email, "country": country.code}
        record(action=Action.CHAIN_SIGNED_UP, acting_user=owner, subject=audit_subject(chain), after=details)
        confirmation.send_confirmation(owner)
    return chain


def _find_earlier(token: uuid.UUID, email: str, password: str) -> SignedUp | None:
    """Return the chain already created with this token, if the password is that of its owner."""
    earlier = SignUp.objects.select_related("chain").filter(token=token).first()
    if earlier is None:
        return None
    with tenant_context(earlier.chain):
        owner = User.objects.filter(email=email.strip().lower(), role=User.Role.OWNER, is_active=True).first()
        is_owner = owner is not None and check_password(password, owner.password)
    if not is_owner:
        message = _("This form has been used already. Load the page again to make another chain.")
        raise AppError("form_used", message, status=409)
    return _build_result(earlier.chain, owner)


def _build_result(chain: Chain, owner: User | None = None) -> SignedUp:
    url = chain.url()
    with tenant_context(chain):
        owner = owner or User.objects.get(role=User.Role.OWNER)
        try:
            ticket = issue_ticket(owner)
        except AppError:
            ticket = ""
        return SignedUp(chain.schema_name, url, ticket)


def _map_field(error: AppError) -> AppError:
    """Map a provisioning error to the matching field of the form."""
    if error.field in {"schema", "domain"}:
        code = error.code.replace(error.field, "address")
        return AppError(code, error.message, field="address", status=error.status)
    if error.field == "owner_email":
        return AppError(error.code, error.message, field="email", status=error.status)
    return error
