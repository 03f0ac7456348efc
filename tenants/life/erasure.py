"""Erasure of a chain: requested by owner or operator, can be withdrawn for thirty days, then everything is deleted
except a record that it happened."""

import hashlib
import hmac
import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from core.accounts.models import User
from core.accounts.rights import Role
from core.audit.trail import record
from core.shared.cache import delete_chain_keys
from core.shared.chain import outside_chain
from core.shared.errors import AppError
from core.shared.figures import day
from core.shared.locks import try_lock
from tenants.life.declaration import Action
from tenants.life.folders import remove_folders
from tenants.life.models import Erasure
from tenants.life.ownership import actor_label, audit_subject, require_owner
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning import drop_chain
from tenants.signals import chain_erased

GRACE_DAYS = 30
# Name of the lock held while due chains are erased.
ERASURE_LOCK = "erase chains"
logger = logging.getLogger(__name__)


def request_erasure(chain: Chain, *, acting_user: User | None, typed_name: str) -> None:
    """Request the erasure of the current chain. Raises AppError: not an owner, wrong name, already requested."""
    require_owner(acting_user)
    if " ".join(typed_name.split()) != chain.name:
        message = _("Type the name of the chain just as it is written: %s") % chain.name
        raise AppError("name_differs", message, field="name")
    if chain.erase_at is not None:
        raise AppError("erasure_asked", _("The erasure has been asked for already."), status=409)
    chain.erase_asked_at = timezone.now()
    chain.erase_at = chain.erase_asked_at + timedelta(days=GRACE_DAYS)
    chain.erase_asked_by = "owner" if acting_user else "operator"
    with transaction.atomic():
        _save(chain)
        until = {"until": chain.erase_at.date()}
        record(action=Action.CHAIN_ERASURE_ASKED, acting_user=acting_user, subject=audit_subject(chain), after=until)
        _email_owners(chain, acting_user)


def withdraw_erasure(chain: Chain, *, acting_user: User | None) -> None:
    """Withdraw the request. Call inside the chain. Raises AppError: not an owner, not requested."""
    require_owner(acting_user)
    if chain.erase_at is None:
        raise AppError("erasure_not_asked", _("The erasure has not been asked for."), status=409)
    chain.erase_at, chain.erase_asked_at, chain.erase_asked_by = None, None, ""
    with transaction.atomic():
        _save(chain)
        record(action=Action.CHAIN_ERASURE_WITHDRAWN, acting_user=acting_user, subject=audit_subject(chain))


def erase_due_chains() -> int:
    """Erase all chains that are due; return how many. Hourly, outside any chain.

    One that fails is retried next time. Does nothing while another process is at it.
    """
    erased = 0
    with try_lock(ERASURE_LOCK) as acquired:
        if not acquired:
            return 0
        for chain in Chain.objects.filter(erase_at__lte=timezone.now()):
            try:
                erased += erase_chain(chain, asked_by=chain.erase_asked_by, only_if_due=True) is not None
            except Exception:
                logger.exception("The chain %s could not be erased; it is tried again.", chain.pk)
        for unfinished in Erasure.objects.filter(finished_at=None):
            _finish(unfinished)
    return erased


def erase_chain(chain: Chain, *, asked_by: str, only_if_due: bool = False) -> Erasure | None:
    """Erase schema, roles, domains, files, exports and cache keys; None if the chain is gone or no longer due.

    Safe to interrupt: the database part is one transaction, which leaves a record with the schema's name; the next run
    deletes the files and then the name. Until then no new chain can take the name.
    """
    with transaction.atomic(), connection().statement_timeout(0):
        locked = Chain.objects.select_for_update().filter(pk=chain.pk).first()
        if locked is None or (only_if_due and (locked.erase_at is None or locked.erase_at > timezone.now())):
            return None
        erasure = Erasure.objects.create(
            name_hash=name_hash(locked.schema_name),
            schema=locked.schema_name,
            asked_at=locked.erase_asked_at or timezone.now(),
            asked_by=asked_by,
            in_backups_until=(timezone.now() + timedelta(days=settings.BACKUP_KEPT_DAYS)).date(),
            tables=_count_tables(locked.schema_name),
        )
        chain_erased.send(Chain, chain=locked)
        drop_chain(locked)
    _finish(erasure)
    return erasure


def name_hash(schema: str, *, secret: str | bytes | None = None) -> str:
    """Return a keyed hash of the name, with the current SECRET_KEY unless another is given."""
    key = settings.SECRET_KEY if secret is None else secret
    return hmac.new(force_bytes(key), f"erased chain {schema}".encode(), hashlib.sha256).hexdigest()


def name_hashes(schema: str) -> list[str]:
    """Return the hashes with the current and all fallback keys."""
    return [name_hash(schema, secret=secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _finish(erasure: Erasure) -> None:
    """Delete files and cache keys; if the cache is unavailable, the next hourly run finishes."""
    remove_folders(erasure.schema)
    try:
        delete_chain_keys(erasure.schema)
    except RedisError as error:
        logger.warning("The erasure %d is not finished: the cache does not answer (%s).", erasure.pk, error)
        return
    erasure.schema, erasure.finished_at = "", timezone.now()
    erasure.save(update_fields=["schema", "finished_at"])


def _count_tables(schema: str) -> int:
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relkind = 'r'",
            [schema],
        )
        return int(cursor.fetchone()[0])


def _save(chain: Chain) -> None:
    with outside_chain():
        chain.save(update_fields=["erase_at", "erase_asked_at", "erase_asked_by"])


def _email_owners(chain: Chain, acting_user: User | None) -> None:
    for owner in User.objects.filter(role=Role.OWNER, is_active=True):
        with translation.override(owner.language or chain.language):
            subject = _("%s is to be erased") % chain.name
            text = _(
                "%(who)s has asked to erase %(chain)s with everything in it. This happens on %(day)s. Until then any "
                "owner can take it back on the page “Settings”, and download everything there."
            ) % {"who": actor_label(acting_user), "chain": chain.name, "day": day(chain.erase_at)}
            send_mail(subject, text, None, [owner.email])
