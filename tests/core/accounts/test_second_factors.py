"""A second factor outlives a change of SECRET_KEY."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import InvalidToken
from django.core.management import call_command
from pytest_django import Settings

from core.accounts.models import User
from core.accounts.second_factors import reencrypt_secrets
from core.shared.encryption import decrypted
from tests.plugins.chains import outside_chains

SECRET = "JBSWY3DPEHPK3PXP"


def secret_of(totp: TOTP) -> str:
    totp.instance.refresh_from_db()
    return decrypted(totp.instance.data["secret"], purpose="second factor")


def test_the_former_key_can_go_afterwards(
    hq_user: User, operator: User, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    totp, codes = TOTP.activate(hq_user, SECRET), RecoveryCodes.activate(hq_user).get_unused_codes()
    with outside_chains():
        of_operator = TOTP.activate(operator, SECRET)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "of-now", [settings.SECRET_KEY]
    with outside_chains():
        call_command("renew_secrets")
    assert capsys.readouterr().out == "3 secrets are encrypted with the key of now.\n"
    settings.SECRET_KEY_FALLBACKS = []
    assert secret_of(totp) == SECRET
    with outside_chains():
        assert secret_of(of_operator) == SECRET
    assert RecoveryCodes(hq_user.authenticator_set.get(type="recovery_codes")).get_unused_codes() == codes


def test_one_of_an_unknown_key_changes_nothing(hq_user: User, settings: Settings) -> None:
    totp = TOTP.activate(hq_user, SECRET)
    kept = totp.instance.data["secret"]
    settings.SECRET_KEY = "of-now"
    with pytest.raises(InvalidToken):
        reencrypt_secrets()
    totp.instance.refresh_from_db()
    assert totp.instance.data["secret"] == kept
