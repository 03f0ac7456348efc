"""Changes of the team at the same time, over real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.accounts.rights import Role
from core.shared.errors import AppError
from core.team.services import invitations
from core.team.services.members import Scope, change_member, deactivate_member
from tenants.models import Chain
from tests.plugins.chains import make_user


def both(chain: Chain, *actions: Callable[[], object]) -> list[str]:
    """How each ends: the code of its refusal, or nothing."""
    gate = Barrier(len(actions))

    def run(action: Callable[[], object]) -> str:
        try:
            with tenant_context(chain):
                gate.wait(30)
                action()
        except AppError as error:
            return error.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(actions)) as pool:
        return sorted(pool.map(run, actions))


def test_two_owners_who_turn_each_other_out_leave_one(committed_chain: Chain) -> None:
    one, two = (make_user(f"{name}@acme.test", role=Role.OWNER) for name in ("one", "two"))
    ends = both(
        committed_chain,
        lambda: deactivate_member(acting_user=one, user_id=two.pk),
        lambda: change_member(acting_user=two, user_id=one.pk, role=Role.HQ, scope=Scope()),
    )
    assert ends == ["", "not_allowed"]
    assert User.objects.filter(role=Role.OWNER, is_active=True).count() == 1


def test_an_invitation_accepted_twice_at_once_is_accepted_once(committed_chain: Chain) -> None:
    owner = make_user("owner@acme.test", role=Role.OWNER)
    user = invitations.invite(
        acting_user=owner, email="new@acme.test", name="New", role=Role.HQ, scope=Scope(), link_base="http://x/"
    )
    token = invitations._token(user)
    ends = both(
        committed_chain,
        *(lambda: invitations.accept(token=token, name="New", password="a walk along the river") for _ in range(4)),
    )
    assert ends == ["", *["bad_invitation"] * 3]
