"""What an export is refused for is what stands in its way. More of exports: test_views.py, test_archive.py."""

import pytest
from django.db import IntegrityError, transaction

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.shared.errors import AppError
from tenants.life.exports import ask_export, exports, make_again
from tenants.life.models import ChainExport
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tests.plugins.chains import make_user, outside_chains
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


def test_made_again_only_its_own_rule_says_that_one_is_under_way(chain: Chain) -> None:
    with outside_chains():
        failed = ChainExport.objects.create(chain=chain, status=ChainExport.Status.FAILED, asked_by="owner@acme.test")
        with transaction.atomic(), connection().cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE life_chainexport ADD CONSTRAINT another CHECK (status <> 'waiting') NOT VALID")
            with pytest.raises(IntegrityError, match="another"), transaction.atomic():
                make_again(str(failed.pk))
            transaction.set_rollback(True)
        ChainExport.objects.create(chain=chain, asked_by="owner@acme.test")
        with pytest.raises(AppError) as refused:
            make_again(str(failed.pk))
    assert refused.value.code == "export_under_way"
