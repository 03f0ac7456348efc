import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.management import CommandError, call_command

from core.accounts.models import User
from core.accounts.policy import has_second_factor
from core.audit.models import AuditEntry
from tenants.models import Chain
from tests.plugins.chains import outside_chains


def take_off(chain: Chain, email: str) -> None:
    with outside_chains():
        call_command("take_off_second_factor", chain=chain.schema_name, email=email)


def test_the_operator_helps_a_lone_owner(chain: Chain, hq_user: User) -> None:
    TOTP.activate(hq_user, "JBSWY3DPEHPK3PXP")
    take_off(chain, f" {hq_user.email.upper()} ")
    assert not has_second_factor(hq_user)
    entry = AuditEntry.objects.get(action="user.second_factor_removed")
    assert (entry.user_id, entry.actor, entry.subject_id) == (None, "command line", str(hq_user.pk))
    assert mail.outbox[-1].to == [hq_user.email]


@pytest.mark.parametrize(
    ("email", "says"), [("nobody@acme.test", "nobody in the chain"), ("hq@acme.test", "with a password alone")]
)
def test_what_cannot_be_is_said(chain: Chain, hq_user: User, email: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        take_off(chain, email)
    assert not mail.outbox
