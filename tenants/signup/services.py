"""A chain signs up: one service, one transaction."""

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
from core.shared.constraints import violated_constraint
from core.shared.countries import COUNTRIES, Country
from core.shared.errors import AppError
from core.shared.sentences import join_sentences
from tenants.life.owners import as_subject
from tenants.models import Chain
from tenants.provisioning import create_chain
from tenants.provisioning.checks import checked_name, checked_owner_email
from tenants.signals import chain_signed_up
from tenants.signup import names
from tenants.signup.declaration import Action
from tenants.signup.models import SignUp

LONGEST_EMAIL = 254
# As PostgreSQL names it.
ONE_CHAIN_A_FORM = "signup_signup_pkey"


@dataclass(frozen=True)
class SignedUp:
    """`ticket` signs the owner in at `url`, once and within a minute; where it is empty, the password does."""

    schema: str
    url: str
    ticket: str

    @property
    def way_in(self) -> str:
        return f"{self.url}welcome/?ticket={self.ticket}" if self.ticket else f"{self.url}sign-in/"


def sign_up(
    *, token: uuid.UUID, name: str, address: str, email: str, password: str, country: str, language: str
) -> SignedUp:
    """Make a chain with its owner, and send the owner a mail to confirm the address.

    Sent again with the same token, it gives the chain that is there. `address` empty: proposed from the name.
    `language` is the one the owner reads. Raises AppError with the field at fault; then nothing has changed.
    """
    earlier = _made_before(token, email, password)
    if earlier is not None:
        return earlier
    try:
        owner = _checked_owner(email, password, language)
        at = names.checked(address or names.proposed(checked_name(name)))
        owner.password = make_password(password)  # takes a while, so before anything is locked
        with transaction.atomic():
            chain = _make(checked_name(name), at, _checked_country(country), owner)
            SignUp.objects.create(token=token, chain=chain)
            chain_signed_up.send(Chain, chain=chain)
    except (AppError, IntegrityError) as error:
        if isinstance(error, IntegrityError) and violated_constraint(error) != ONE_CHAIN_A_FORM:
            raise
        # The same form, sent at the same moment, was first.
        earlier = _made_before(token, email, password)
        if earlier is not None:
            return earlier
        raise (_at_field(error) if isinstance(error, AppError) else error) from error
    return _way_in(chain)


def _checked_owner(email: str, password: str, language: str) -> User:
    owner = User(email=checked_owner_email(email) or "", language=language, role=User.Role.OWNER)
    if len(owner.email) > LONGEST_EMAIL:
        raise AppError(
            "email_invalid", _("Use an e-mail address of %d characters at most.") % LONGEST_EMAIL, field="email"
        )
    try:
        validate_password(password, owner)
    except ValidationError as error:
        raise AppError("password_weak", join_sentences(error.messages), field="password") from error
    return owner


def _checked_country(code: str) -> Country:
    if code not in COUNTRIES:
        raise AppError("country_unknown", _("Choose one of the countries and regions listed."), field="country")
    return COUNTRIES[code]


def _make(name: str, at: str, country: Country, owner: User) -> Chain:
    made = create_chain(
        schema=at.replace("-", "_"),
        name=name,
        domain=f"{at}.{chains_host()}",
        country=country.code,
        currency=country.currency,
        time_zone=country.time_zone,
        language=country.language,
    )
    chain = Chain.objects.get(schema_name=made.schema)
    with tenant_context(chain):
        owner.save()
        told = {"address": made.domain, "email": owner.email, "country": country.code}
        record(action=Action.CHAIN_SIGNED_UP, acting_user=owner, subject=as_subject(chain), after=told)
        confirmation.send_confirmation(owner)
    return chain


def _made_before(token: uuid.UUID, email: str, password: str) -> SignedUp | None:
    """The chain of a form that has been sent already, for who knows its password."""
    found = SignUp.objects.select_related("chain").filter(token=token).first()
    if found is None:
        return None
    with tenant_context(found.chain):
        owner = User.objects.filter(email=email.strip().lower(), role=User.Role.OWNER, is_active=True).first()
        knows = owner is not None and check_password(password, owner.password)
    if not knows:
        message = _("This form has been used already. Load the page again to make another chain.")
        raise AppError("form_used", message, status=409)
    return _way_in(found.chain, owner)


def _way_in(chain: Chain, owner: User | None = None) -> SignedUp:
    url = chain.url()
    with tenant_context(chain):
        owner = owner or User.objects.get(role=User.Role.OWNER)
        try:
            ticket = issue_ticket(owner)
        except AppError:
            ticket = ""
        return SignedUp(chain.schema_name, url, ticket)


def _at_field(error: AppError) -> AppError:
    """What provisioning says of its own fields, said of the form's."""
    if error.field in {"schema", "domain"}:
        code = error.code.replace(error.field, "address")
        return AppError(code, error.message, field="address", status=error.status)
    if error.field == "owner_email":
        return AppError(error.code, error.message, field="email", status=error.status)
    return error
