"""The background's part: put the sample in or take it out, and tell how far it is."""

import logging
from collections.abc import Callable

from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.shared.chain import current_chain
from core.shared.errors import AppError
from core.start.progress import SampleWork, end, tell
from core.start.services import sample

logger = logging.getLogger(__name__)


def load(user_id: int) -> None:
    def work(user: User) -> None:
        sample.load_sample(
            acting_user=user, tell=lambda done, of: tell(SampleWork(removing=False, done=done, total=of))
        )

    _perform(user_id, work, removing=False)


def remove(user_id: int) -> None:
    def work(user: User) -> None:
        sample.remove_sample(acting_user=user)

    _perform(user_id, work, removing=True)


def _perform(user_id: int, work: Callable[[User], None], *, removing: bool) -> None:
    """Safe to run twice. What goes wrong is told on the page, in words."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        end()
        return
    with translation.override(user.language or current_chain().language):
        try:
            work(user)
        except AppError as error:
            tell(SampleWork(removing=removing, problem=str(error.message)))
        except DatabaseError as error:
            logger.error("Sample data failed: SQLSTATE %s", getattr(error.__cause__, "sqlstate", None))  # noqa: TRY400
            tell(SampleWork(removing=removing, problem=_("Something went wrong on our side. Try again.")))
        else:
            end()
