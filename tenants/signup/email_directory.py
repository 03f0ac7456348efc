"""Finds the chains of an e-mail address, by a keyed hash stored outside the chains.

Without the key the table reveals no address and none can be tested against it. Signals keep it up to date with every
user that is saved or deleted through the model, in the same transaction. `QuerySet.update` and `bulk_create` send no
signals; `revisit rebuild_directory` rebuilds the table, also after a change of SECRET_KEY.
"""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.shared.chain import current_chain, is_inside_chain, outside_chain
from tenants.models import Chain, Domain
from tenants.signup.models import DirectoryEntry

_SALT = "tenants.signup.email_directory"
_WATCHED = {"email", "is_active"}


def email_digest(email: str, *, secret: str | bytes | None = None) -> str:
    """Return the keyed hash of an address, with the current SECRET_KEY unless another is given."""
    return salted_hmac(_SALT, normalize_email(email), secret=secret, algorithm="sha256").hexdigest()


def normalize_email(email: str) -> str:
    return email.strip().lower()


def on_user_saved(instance: User, update_fields: Collection[str] | None = None, **_kwargs: Any) -> None:
    if is_inside_chain() and (update_fields is None or _WATCHED & set(update_fields)):
        update_entry(instance)


def on_user_deleted(instance: User, **_kwargs: Any) -> None:
    if is_inside_chain():
        _delete_entry(instance.pk)


def update_entry(user: User) -> None:
    """Update the entry of a user of the current chain; deactivated users have none."""
    if not user.is_active:
        _delete_entry(user.pk)
        return
    schema, digest = current_chain().schema_name, email_digest(user.email)
    with outside_chain():
        chain = Chain.objects.only("pk").get(schema_name=schema)
        DirectoryEntry.objects.update_or_create(chain=chain, user_id=user.pk, defaults={"digest": digest})


def _delete_entry(user_id: int) -> None:
    schema = current_chain().schema_name
    with outside_chain():
        DirectoryEntry.objects.filter(chain__schema_name=schema, user_id=user_id).delete()


def find_chains(email: str) -> list[tuple[str, str]]:
    """Return name and primary domain of each chain where the address belongs to an active user, by name."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [email_digest(email, secret=secret) for secret in secrets]
    with outside_chain():
        chains = DirectoryEntry.objects.filter(digest__in=digests).values("chain")
        domains = Domain.objects.filter(is_primary=True, tenant__in=chains).order_by("tenant__name", "domain")
        return list(domains.values_list("tenant__name", "domain"))


def rebuild_for_chain(chain: Chain) -> int:
    """Rebuild a chain's entries from its users; return how many there are."""
    with transaction.atomic():
        with tenant_context(chain):
            users = list(User.objects.filter(is_active=True).values_list("pk", "email"))
        DirectoryEntry.objects.filter(chain=chain).delete()
        DirectoryEntry.objects.bulk_create(
            DirectoryEntry(chain=chain, user_id=pk, digest=email_digest(email)) for pk, email in users
        )
    return len(users)


def rebuild_all() -> int:
    """Rebuild the entries of all chains; return how many there are."""
    return sum(rebuild_for_chain(chain) for chain in Chain.objects.all())
