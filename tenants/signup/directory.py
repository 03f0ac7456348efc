"""Which chains a person works in, by e-mail: a keyed hash of the address, kept outside the chains.

Whoever reads the table without the key learns no address, and cannot try whether one is in it. It follows every user
of a chain that is saved or deleted through the model, in the same transaction; a change by `QuerySet.update` or
`bulk_create` is not seen, and `revisit rebuild_directory` makes all of it anew, as a change of SECRET_KEY asks for.
"""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.shared.chain import current_chain, is_inside_chain
from tenants.models import Chain, Domain
from tenants.postgresql_backend.platform import as_platform
from tenants.signup.models import DirectoryEntry

_SALT = "tenants.signup.directory"
_WATCHED = {"email", "is_active"}


def digest_of(email: str, *, secret: str | bytes | None = None) -> str:
    """With the key of today, unless another is given."""
    return salted_hmac(_SALT, normalised(email), secret=secret, algorithm="sha256").hexdigest()


def normalised(email: str) -> str:
    return email.strip().lower()


def when_saved(instance: User, update_fields: Collection[str] | None = None, **_kwargs: Any) -> None:
    if is_inside_chain() and (update_fields is None or _WATCHED & set(update_fields)):
        enter(instance)


def when_deleted(instance: User, **_kwargs: Any) -> None:
    if is_inside_chain():
        _forget(instance.pk)


def enter(user: User) -> None:
    """Bring the entry of a user of the chain entered up to date; who is deactivated has none."""
    if not user.is_active:
        _forget(user.pk)
        return
    schema, digest = current_chain().schema_name, digest_of(user.email)
    with as_platform():
        chain = Chain.objects.only("pk").get(schema_name=schema)
        DirectoryEntry.objects.update_or_create(chain=chain, user_id=user.pk, defaults={"digest": digest})


def _forget(user_id: int) -> None:
    schema = current_chain().schema_name
    with as_platform():
        DirectoryEntry.objects.filter(chain__schema_name=schema, user_id=user_id).delete()


def chains_of(email: str) -> list[tuple[str, str]]:
    """Name and primary domain of each chain in which the address is that of an active user, by name."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [digest_of(email, secret=secret) for secret in secrets]
    with as_platform():
        chains = DirectoryEntry.objects.filter(digest__in=digests).values("chain")
        found = Domain.objects.filter(is_primary=True, tenant__in=chains).order_by("tenant__name", "domain")
        return list(found.values_list("tenant__name", "domain"))


def rebuild() -> int:
    """Make all of it anew from the chains' users, chain by chain; how many entries there are."""
    entered = 0
    for chain in Chain.objects.all():
        with transaction.atomic():
            with tenant_context(chain):
                users = list(User.objects.filter(is_active=True).values_list("pk", "email"))
            DirectoryEntry.objects.filter(chain=chain).delete()
            DirectoryEntry.objects.bulk_create(
                DirectoryEntry(chain=chain, user_id=pk, digest=digest_of(email)) for pk, email in users
            )
        entered += len(users)
    return entered
