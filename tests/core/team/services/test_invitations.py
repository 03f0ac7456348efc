"""What an invitation is refused for is what stands in its way."""

import pytest
from django.db import IntegrityError, transaction

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.shared.errors import AppError
from core.team.services.invitations import invite
from core.team.services.members import Scope
from tenants.models import Chain
from tests.plugins.chains import make_user
from tests.plugins.numbers import take_next_number


@pytest.fixture
def owner(chain: Chain) -> User:
    return make_user("owner@acme.test", role=User.Role.OWNER)


def invited(owner: User, email: str) -> User:
    return invite(acting_user=owner, email=email, name="", role=User.Role.HQ, scope=Scope())


def test_an_address_that_is_in_the_team(owner: User) -> None:
    with pytest.raises(AppError) as refused:
        invited(owner, " Owner@Acme.test ")
    assert refused.value.code == "already_in_team"


@pytest.mark.parametrize("model", [User, AuditEntry])
def test_a_number_that_is_taken_is_no_member_of_the_team(owner: User, model: type) -> None:
    take_next_number(model, **({"email": "someone@acme.test"} if model is User else {}))
    with pytest.raises(IntegrityError, match="_pkey"), transaction.atomic():
        invited(owner, "new@acme.test")
    assert not User.objects.filter(email="new@acme.test").exists()
    assert invited(owner, "new@acme.test").email == "new@acme.test"
