"""What an export is refused for is what stands in its way. More of exports: test_views.py, test_archive.py."""

import pytest
from django.db import IntegrityError, transaction

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.shared.errors import AppError
from tenants.life.exports import ask_export, exports
from tenants.models import Chain
from tests.plugins.chains import make_user
from tests.plugins.numbers import take_next_number


@pytest.fixture
def owner(chain: Chain) -> User:
    return make_user("owner@acme.test", role=User.Role.OWNER)


def test_one_at_a_time(chain: Chain, owner: User) -> None:
    ask_export(chain, acting_user=owner)
    with pytest.raises(AppError) as refused:
        ask_export(chain, acting_user=owner)
    assert refused.value.code == "export_under_way"


def test_a_number_that_is_taken_is_no_export_under_way(chain: Chain, owner: User) -> None:
    take_next_number(AuditEntry)
    with pytest.raises(IntegrityError, match="audit_auditentry_pkey"), transaction.atomic():
        ask_export(chain, acting_user=owner)
    assert exports(chain) == []
