"""The directory follows every user of a chain, and tells nothing to who has no key."""

import pytest
from django.db import DatabaseError, transaction
from django_tenants.utils import tenant_context
from pytest_django import Settings

from core.accounts.models import User
from core.shared.chain import outside_chain
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning import create_chain
from tenants.signup.email_directory import email_digest, find_chains, rebuild_all
from tenants.signup.models import DirectoryEntry
from tests.plugins.chains import make_user, outside_chains

ACME = [("Acme Beauty", "acme.localhost")]


def current_role() -> str:
    with connection().cursor() as cursor:
        cursor.execute("SELECT current_user::text || ' ' || current_schema()")
        return str(cursor.fetchone()[0])


@pytest.fixture
def anna(chain: Chain) -> User:
    return make_user("anna@acme.test", role=User.Role.HQ)


def test_a_new_user_is_found_however_the_address_is_written(anna: User) -> None:
    assert find_chains(" ANNA@acme.test ") == ACME
    assert find_chains("ann@acme.test") == []


def test_a_changed_address_is_found_by_the_new_one_alone(anna: User) -> None:
    anna.email = "anna.li@acme.test"
    anna.save(update_fields=["email"])
    assert find_chains("anna@acme.test") == []
    assert find_chains("anna.li@acme.test") == ACME


def test_who_is_deactivated_or_deleted_is_not_found(anna: User) -> None:
    anna.is_active = False
    anna.save()
    assert find_chains(anna.email) == []
    anna.is_active = True
    anna.save()
    assert find_chains(anna.email) == ACME
    anna.delete()
    assert find_chains("anna@acme.test") == []


def test_one_address_in_several_chains(anna: User, other_chain: Chain) -> None:
    with tenant_context(other_chain):
        make_user("anna@acme.test", role=User.Role.HQ)
    assert find_chains("anna@acme.test") == [*ACME, ("Other Salons", "other.localhost")]


def test_a_user_of_the_platform_is_in_no_directory(chain: Chain) -> None:
    with outside_chains():
        make_user("operator@revisit.test", role=User.Role.OPERATOR)
        assert find_chains("operator@revisit.test") == []


def test_the_owner_made_with_a_chain_is_found(chain: Chain) -> None:
    with outside_chains():
        create_chain(schema="maple", name="Maple", owner_email="anna@maple.test")
        assert find_chains("anna@maple.test") == [("Maple", "maple.localhost")]


def test_what_is_taken_back_in_the_chain_is_taken_back_here(chain: Chain) -> None:
    with transaction.atomic():
        make_user("late@acme.test", role=User.Role.HQ)
        transaction.set_rollback(True)
    assert find_chains("late@acme.test") == []


def test_the_table_holds_no_address_and_needs_the_key(anna: User, settings: Settings) -> None:
    with outside_chains():
        (entry,) = DirectoryEntry.objects.filter(user_id=anna.pk, chain__schema_name="acme")
    assert len(entry.digest) == 64
    assert entry.digest == email_digest("anna@acme.test")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 8
    assert email_digest("anna@acme.test") != entry.digest
    assert find_chains("anna@acme.test") == ACME
    settings.SECRET_KEY_FALLBACKS = []
    assert find_chains("anna@acme.test") == []
    with outside_chains():
        assert rebuild_all() >= 1
    assert find_chains("anna@acme.test") == ACME


def test_rebuilding_mends_what_was_changed_past_the_model(anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(email="moved@acme.test")
    assert find_chains("moved@acme.test") == []
    with outside_chains():
        rebuild_all()
    assert find_chains("moved@acme.test") == ACME
    assert find_chains("anna@acme.test") == []


def test_the_chain_itself_still_has_no_right_on_the_directory(anna: User) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection().cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.signup_directoryentry")


def test_outside_chain_always_switches_back(chain: Chain) -> None:
    inside = current_role()
    with outside_chain():
        assert current_role() != inside
        assert connection().schema_name == "public"
    assert current_role() == inside
    with pytest.raises(ZeroDivisionError), outside_chain():
        raise ZeroDivisionError
    assert current_role() == inside
    with pytest.raises(DatabaseError), transaction.atomic(), outside_chain(), connection().cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert current_role() == inside
    with outside_chain(), outside_chain():
        pass
    assert current_role() == inside


def test_a_failed_transaction_that_goes_on_stays_in_the_chain(chain: Chain) -> None:
    """The error comes inside the platform's block and is only seen outside it."""
    inside = current_role()
    with transaction.atomic():
        try:
            with transaction.atomic(), outside_chain(), connection().cursor() as cursor:
                cursor.execute("SELECT nonsense")
        except DatabaseError:
            pass
        assert current_role() == inside
        assert User.objects.count() >= 0
