"""The background's part: put the sample in or take it out, and tell how far it is."""

import logging
from dataclasses import replace

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.shared.chain import current_chain
from core.shared.errors import AppError
from core.shared.locks import try_lock
from core.start.progress import SampleWork, end, sample_lock, sample_work, tell
from core.start.services import sample

logger = logging.getLogger(__name__)


def perform(user_id: int, *, removing: bool) -> bool:
    """Whether there was work: a message may come twice. What goes wrong is told on the page, in words."""
    with try_lock(sample_lock()) as mine:
        work = sample_work()
        if not mine or work is None or work.removing != removing or work.problem:
            return False
        user = User.objects.filter(pk=user_id, is_active=True).first()
        if user is None:
            end()
            return True
        with translation.override(user.language or current_chain().language):
            _perform(user, work)
        return True


def _perform(user: User, work: SampleWork) -> None:
    work = replace(work, running=True)
    tell(work)
    try:
        if work.removing:
            sample.remove_sample(acting_user=user)
        else:
            sample.load_sample(acting_user=user, tell=lambda done, of: tell(replace(work, done=done, total=of)))
    except AppError as error:
        tell(replace(work, problem=str(error.message)))
    except SoftTimeLimitExceeded:
        tell(replace(work, problem=_("This took longer than it may. Try again later.")))
    except DatabaseError as error:
        logger.error("Sample data failed: SQLSTATE %s", getattr(error.__cause__, "sqlstate", None))  # noqa: TRY400
        tell(replace(work, problem=_("Something went wrong on our side. Try again.")))
    else:
        end()
