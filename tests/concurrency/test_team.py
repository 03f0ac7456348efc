"""Changes of the team at the same time, over real connections."""

from core.accounts.models import User
from core.accounts.rights import Role
from core.team.services import invitations
from core.team.services.members import Scope, change_member, deactivate_member
from tenants.models import Chain
from tests.plugins.at_once import refusals_at_once
from tests.plugins.chains import make_user


def test_two_owners_who_turn_each_other_out_leave_one(committed_chain: Chain) -> None:
    one, two = (make_user(f"{name}@acme.test", role=Role.OWNER) for name in ("one", "two"))
    ends = refusals_at_once(
        lambda: deactivate_member(acting_user=one, user_id=two.pk),
        lambda: change_member(acting_user=two, user_id=one.pk, role=Role.HQ, scope=Scope()),
        chain=committed_chain,
    )
    assert ends == ["", "not_allowed"]
    assert User.objects.filter(role=Role.OWNER, is_active=True).count() == 1


def test_an_invitation_accepted_twice_at_once_is_accepted_once(committed_chain: Chain) -> None:
    owner = make_user("owner@acme.test", role=Role.OWNER)
    user = invitations.invite(acting_user=owner, email="new@acme.test", name="New", role=Role.HQ, scope=Scope())
    token = invitations._token(user)
    ends = refusals_at_once(
        *(lambda: invitations.accept(token=token, name="New", password="a walk along the river") for _ in range(4)),
        chain=committed_chain,
    )
    assert ends == ["", *["bad_invitation"] * 3]
