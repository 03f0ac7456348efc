import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.membership.models import MemberTier
from core.shared.chain import current_chain
from core.shared.errors import AppError
from tenants.models import Chain, Domain
from tenants.postgresql_backend.current import connection
from tenants.provisioning import create_chain, creation, drop_chain
from tests.plugins.numbers import take_next_number

NEW = {"schema": "fresh", "name": "Fresh"}
LETTERS = "Use small letters a to z, digits and single underscores between them, beginning with a letter."


@pytest.fixture
def a_chain(chains, db):
    """`acme` exists; the test runs outside it."""


def traces(schema):
    """How much of a chain there is: rows, roles, schemas."""
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM tenants_chain WHERE schema_name = %(schema)s)"
            " + (SELECT count(*) FROM tenants_domain WHERE domain = %(schema)s || '.localhost'),"
            " (SELECT count(*) FROM pg_roles"
            "  WHERE starts_with(rolname, current_database() || '__' || %(schema)s || '__')),"
            " (SELECT count(*) FROM pg_namespace WHERE nspname = %(schema)s)",
            {"schema": schema},
        )
        return cursor.fetchone()


def test_new_chain_with_defaults(a_chain):
    made = create_chain(schema="fresh_start", name="  Fresh\tStart ")
    assert made.schema == "fresh_start"
    assert made.domain == "fresh-start.localhost"
    assert 0 < made.seconds < 5
    chain = Chain.objects.get(schema_name="fresh_start")
    with tenant_context(chain):
        info = current_chain()
        assert (info.name, info.country, info.currency) == ("Fresh Start", "CN", "CNY")
        assert (info.time_zone, info.language) == ("Asia/Shanghai", "zh-hans")
        codes = list(MemberTier.objects.order_by("rank").values_list("code", flat=True))
        assert codes == ["normal", "silver", "gold", "diamond"]
        assert not User.objects.exists()


def test_new_chain_with_all_given(a_chain):
    made = create_chain(
        schema="maplet",
        name="Maple",
        domain="Salon.Example.com.",
        country="gb",
        currency="gbp",
        time_zone="Europe/London",
        owner_email=" Owner@Example.COM ",
    )
    assert made.domain == "salon.example.com"
    chain = Chain.objects.get(schema_name="maplet")
    assert (chain.country, chain.currency, chain.language) == ("GB", "GBP", "en")
    with tenant_context(chain):
        owner = User.objects.get()
    assert (owner.email, owner.role, owner.has_usable_password()) == ("owner@example.com", "owner", False)


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ({"schema": ""}, "schema_invalid", f"schema: {LETTERS}"),
        ({"schema": "Acme"}, "schema_invalid", f"schema: {LETTERS}"),
        ({"schema": "1st"}, "schema_invalid", f"schema: {LETTERS}"),
        ({"schema": "a__b"}, "schema_invalid", f"schema: {LETTERS}"),
        ({"schema": "a_"}, "schema_invalid", f"schema: {LETTERS}"),
        ({"schema": 'a"; DROP SCHEMA x'}, "schema_invalid", f"schema: {LETTERS}"),
        ({"schema": "悦颜"}, "schema_invalid", f"schema: {LETTERS}"),
        ({"schema": "a\n"}, "schema_invalid", f"schema: {LETTERS}"),
        ({"schema": "x" * 31}, "schema_too_long", "schema: Use 30 characters at most."),
        ({"schema": "public"}, "schema_reserved", "schema: “public” is reserved; choose another name."),
        ({"schema": "pg_salon"}, "schema_reserved", "schema: “pg_salon” is reserved; choose another name."),
        ({"schema": "ext"}, "schema_reserved", "schema: “ext” is reserved; choose another name."),
        ({"schema": "www"}, "schema_reserved", "schema: “www” is reserved; choose another name."),
        ({"schema": "acme"}, "schema_taken", "schema: “acme” is taken; choose another."),
        ({"domain": "acme.localhost"}, "domain_taken", "domain: “acme.localhost” is taken; choose another."),
        (
            {"domain": "localhost"},
            "domain_taken",
            "domain: “localhost” is the platform's own address; choose another.",
        ),
        *(
            (
                {"domain": host},
                "domain_invalid",
                (
                    f"domain: “{host}” is not a host name:"
                    " use letters, digits, hyphens and dots, such as acme.example.com."
                ),
            )
            for host in ("-a.com", "a-.com", "a..com", "a" * 64 + ".com", "a." * 126 + "com")
        ),
        (
            {"domain": "no spaces.com"},
            "domain_invalid",
            (
                "domain: “no spaces.com” is not a host name:"
                " use letters, digits, hyphens and dots, such as acme.example.com."
            ),
        ),
        ({"name": " "}, "name_invalid", "name: Give the chain a name of 1 to 150 characters."),
        ({"name": "x" * 151}, "name_invalid", "name: Give the chain a name of 1 to 150 characters."),
        (
            {"country": "XX"},
            "country_unknown",
            "country: “XX” is not a country code; use two letters of ISO 3166, such as CN or GB.",
        ),
        (
            {"currency": "yuan"},
            "currency_unknown",
            "currency: “yuan” is not a currency code; use three letters of ISO 4217, such as CNY or GBP.",
        ),
        (
            {"time_zone": "Asia/Shangai"},
            "time_zone_unknown",
            "time_zone: “Asia/Shangai” is not a time zone; use a name such as Asia/Shanghai or Europe/London.",
        ),
        (
            {"time_zone": "../etc/passwd"},
            "time_zone_unknown",
            "time_zone: “../etc/passwd” is not a time zone; use a name such as Asia/Shanghai or Europe/London.",
        ),
        ({"language": "fr"}, "language_unknown", "language: “fr” is not one of the languages: en, zh-hans."),
        (
            {"owner_email": "nobody"},
            "email_invalid",
            "owner_email: “nobody” is not an e-mail address; write it as name@example.com.",
        ),
    ],
)
def test_refusals(a_chain, given, code, message):
    before = Chain.objects.count()
    with pytest.raises(AppError) as refused:
        create_chain(**{**NEW, **given})
    assert (refused.value.code, str(refused.value)) == (code, message)
    assert Chain.objects.count() == before


def test_the_longest_names_work(a_chain):
    schema = "x" * 30
    made = create_chain(schema=schema, name="长" * 150, domain=f"{'a' * 63}.{'b' * 63}.example.com")
    with tenant_context(Chain.objects.get(schema_name=made.schema)):
        assert MemberTier.objects.count() == 4


@pytest.mark.parametrize("where", ["populate_chain", "tenant_context"])
def test_a_failure_leaves_nothing_behind_and_a_retry_works(make_committed_chain, monkeypatch, where):
    def fail(*_arguments):
        with connection().cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    with monkeypatch.context() as patch:
        patch.setattr(creation, where, fail)
        with pytest.raises(DatabaseError):
            create_chain(schema="halfway", name="Halfway", owner_email="owner@example.com")
    assert traces("halfway") == (0, 0, 0)
    make_committed_chain(schema="halfway")
    assert traces("halfway") == (2, 2, 1)


def test_dropping_a_chain_leaves_nothing(chains, db):
    create_chain(**NEW)
    assert traces("fresh") == (2, 2, 1)
    drop_chain(Chain.objects.get(schema_name="fresh"))
    assert traces("fresh") == (0, 0, 0)


def test_roles_left_by_a_dropped_database_are_taken_over(chains, db):
    name = f"{connection().settings_dict['NAME']}__fresh__owner"
    with connection().cursor() as cursor:
        cursor.execute(f'CREATE ROLE "{name}" LOGIN INHERIT')
    create_chain(**NEW)
    with connection().cursor() as cursor:
        cursor.execute("SELECT rolcanlogin, rolinherit FROM pg_roles WHERE rolname = %s", [name])
        assert cursor.fetchone() == (False, False)


def test_on_a_cluster_the_roles_log_in_at_the_other_nodes(chains, db, settings):
    settings.CHAIN_ROLES_LOGIN = True
    create_chain(**NEW)
    with connection().cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT rolcanlogin, rolinherit FROM pg_roles"
            " WHERE starts_with(rolname, current_database() || '__fresh__')"
        )
        assert cursor.fetchall() == [(True, False)]


@pytest.mark.parametrize("model", [Chain, Domain])
def test_a_number_that_is_taken_is_no_name_that_is_taken(a_chain, model):
    acme = Chain.objects.get(schema_name="acme")
    named = {"schema_name": "third", "name": "Third"}
    take_next_number(model, **(named if model is Chain else {"domain": "third.localhost", "tenant": acme}))
    with pytest.raises(IntegrityError, match=f"{model._meta.db_table}_pkey"), transaction.atomic():
        create_chain(**NEW)
    assert traces("fresh") == (0, 0, 0)
