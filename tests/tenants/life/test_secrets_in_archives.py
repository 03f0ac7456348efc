"""An archive holds no secret, and a chain restored from one lets nobody in by a secret of before."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import is_password_usable
from django.contrib.sessions.models import Session
from django.core import mail
from django.utils import timezone
from django_tenants.utils import tenant_context

from core.accounts import confirmation
from core.accounts.models import SignInPolicy, User
from core.accounts.password_links import new_password_url
from core.accounts.rights import Role
from core.shared.encryption import decrypted
from core.team.services.invitations import invite
from core.team.services.members import Scope
from tenants.life.archive.manifest import EXCLUDED_TABLES, REPLACED_VALUES, SCHEMA_TABLES
from tenants.life.archive.tables import tables
from tenants.life.archive.writer import write_archive
from tenants.life.restoration import restore_chain
from tenants.models import Chain
from tests.plugins.chains import PASSWORD, ChainClient, make_user, outside_chains
from tests.plugins.salons import text_of
from tests.tenants.life.conftest import RESTORED
from tests.tenants.life.test_archive import chain_named
from tests.tenants.life.test_bad_archives import packed, parts_of, with_manifest

SECRET = "JBSWY3DPEHPK3PXP"
NEW = "a walk along the river"
# Columns of text whose values open nothing: whoever adds one says so here, or leaves it out of archives.
HARMLESS = re.compile(r"(^|_)(digest|import_key|key_column|ref_key|headings_hash)$")
SUSPICIOUS = re.compile(r"pass|secret|token|key|hash|seed|code|signature|credential|session", re.IGNORECASE)
CODES_OF_THINGS = {("catalogue_service", "code"), ("stores_store", "code"), ("staff_staffmember", "code"),
                   ("membership_membertier", "code")}  # fmt: skip


@pytest.fixture
def full(furnished: Chain) -> Iterator[tuple[Chain, dict[str, list[str]]]]:
    """A chain with every kind of secret, and what they are."""
    with tenant_context(furnished):
        owner = User.objects.get(email="owner@acme.test")
        colleague = make_user("colleague@acme.test", role=Role.HQ)
        SignInPolicy.objects.create(requires_second_factor=True)
        codes = RecoveryCodes.activate(owner).get_unused_codes()
        TOTP.activate(owner, SECRET)
        kept = [value for one in Authenticator.objects.all() for value in one.data.values() if isinstance(value, str)]
        pending = EmailAddress.objects.create(user=owner, email="new@acme.test", primary=False)
        key = EmailConfirmation.objects.create(email_address=pending, sent=timezone.now(), key="key-of-a-confirmation")
        session = Session.objects.create(
            session_key="key-of-a-session", session_data="said", expire_date=timezone.now() + timedelta(days=1)
        )
        browser = ChainClient(headers={"host": f"{furnished.schema_name}.localhost"})
        browser.post("/sign-in/", {"login": colleague.email, "password": PASSWORD})
        mail.outbox.clear()
        invite(acting_user=owner, email="invited@acme.test", name="", role=Role.HQ, scope=Scope())
        confirmation.send_confirmation(colleague)
        sent = "".join(str(letter.body) for letter in mail.outbox)
        links = re.findall(r"/team/join/(\S+?)/|\?token=(\S+)", sent)
        secrets = {
            "passwords": list(User.objects.values_list("password", flat=True)),
            "second factors": [SECRET, *codes, *kept, *(decrypted(one, purpose="second factor") for one in kept)],
            "links": [key.key, *(part for pair in links for part in pair if part), new_password_url(owner)],
            "sessions": [session.session_key, browser.cookies["sessionid"].value],
        }
        assert all(len(found) >= 2 for found in secrets.values())
        yield furnished, secrets


def contents(path: Path) -> str:
    return "\n".join(part.decode("utf-8", "replace") for part in parts_of(path).values())


def test_none_is_in_it(full: tuple[Chain, dict[str, list[str]]], tmp_path: Path) -> None:
    chain, secrets = full
    write_archive(chain, tmp_path / "chain.zip")
    text = contents(tmp_path / "chain.zip")
    assert "colleague@acme.test" in text
    for kind, values in secrets.items():
        assert [value for value in values if value in text] == [], kind
    for left_out in EXCLUDED_TABLES:
        assert len(parts_of(tmp_path / "chain.zip")[f"tables/{left_out}.csv"].splitlines()) == 1


def test_each_column_of_a_chain_is_no_secret_or_left_out(furnished: Chain) -> None:
    """Also of one that is added later."""
    with tenant_context(furnished):
        columns = {(name, column) for name, table in tables().items() for column in table.columns}
    kept = {one for one in columns if one[0] not in EXCLUDED_TABLES | SCHEMA_TABLES and one not in REPLACED_VALUES}
    found = {one for one in kept - CODES_OF_THINGS if SUSPICIOUS.search(one[1]) and not HARMLESS.search(one[1])}
    assert found == set()


def rows_in(path: Path, table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(parts_of(path)[f"tables/{table}.csv"].decode())))


def with_secrets(path: Path, target: Path, chain: Chain) -> Path:
    """As earlier versions made them: with hashes and second factors."""
    parts = parts_of(path)
    with tenant_context(chain):
        (hashed,) = User.objects.filter(email="owner@acme.test").values_list("password", flat=True)
        factor = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    users = parts["tables/accounts_user.csv"].replace(b'"!"', f'"{hashed}"'.encode())
    assert users != parts["tables/accounts_user.csv"]
    header = parts["tables/mfa_authenticator.csv"].decode()
    values = {"id": "1", "type": "totp", "data": json.dumps(factor.data), "user_id": str(factor.user_id),
              "created_at": "2026-01-01T00:00Z"}  # fmt: skip
    names = header.strip().split(",")
    row = ",".join('"{}"'.format(values[name].replace('"', '""')) if name in values else "" for name in names)
    changed = {"accounts_user": users, "mfa_authenticator": (header + row + "\n").encode()}

    def resize(manifest: dict[str, Any]) -> None:
        import hashlib

        for table in manifest["tables"]:
            if table["name"] in changed:
                content = changed[table["name"]]
                table.update(size=len(content), sha256=hashlib.sha256(content).hexdigest())
                table["rows"] += table["name"] == "mfa_authenticator"

    files = {f"tables/{name}.csv": content for name, content in changed.items()}
    return packed(with_manifest({**parts, **files}, resize), target)


@pytest.mark.parametrize("earlier", [False, True], ids=["archive of today", "archive with hashes"])
def test_the_restored_chain_takes_no_password_of_before(
    full: tuple[Chain, dict[str, list[str]]], tmp_path: Path, *, earlier: bool
) -> None:
    chain, _secrets = full
    archive = tmp_path / "chain.zip"
    write_archive(chain, archive)
    if earlier:
        archive = with_secrets(archive, tmp_path / "earlier.zip", chain)
        with zipfile.ZipFile(archive) as opened:
            assert b"md5$" in opened.read("tables/accounts_user.csv")
    with outside_chains():
        restore_chain(archive=archive, schema=RESTORED)
    again = chain_named(RESTORED)
    with tenant_context(again):
        passwords = list(User.objects.values_list("password", flat=True))
        assert len(set(passwords)) == len(passwords) == 3
        assert not any(is_password_usable(password) for password in passwords)
        assert not Authenticator.objects.exists()
        assert not EmailConfirmation.objects.exists()
        assert not Session.objects.exists()
        stranger = ChainClient(headers={"host": f"{RESTORED}.localhost"})
        stranger.post("/sign-in/", {"login": "owner@acme.test", "password": PASSWORD})
        assert "_auth_user_id" not in stranger.session


def chosen_by_mail(browser: ChainClient, to: str) -> None:
    """A password, by the link of the latest mail to an address."""
    letter = next(one for one in reversed(mail.outbox) if one.to == [to])
    found = re.search(r"http://([\w.]+)(/account/password/new/\S+)", str(letter.body))
    assert found
    assert found[1] == f"{RESTORED}.localhost"
    form = browser.get(found[2], follow=True)
    assert browser.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW}).status_code == 302


def test_everyone_chooses_a_new_one_by_mail(full: tuple[Chain, dict[str, list[str]]], tmp_path: Path) -> None:
    chain, _secrets = full
    write_archive(chain, tmp_path / "chain.zip")
    mail.outbox.clear()
    with outside_chains():
        restore_chain(archive=tmp_path / "chain.zip", schema=RESTORED)
    # The owner is told, nobody else: a copy may be meant for a few eyes.
    assert [one.to for one in mail.outbox] == [["owner@acme.test"]]
    assert "Choose a new password" in mail.outbox[0].subject
    assert "Two-step sign-in is set up anew" in str(mail.outbox[0].body)
    browser = ChainClient(headers={"host": f"{RESTORED}.localhost", "accept-language": "en"})
    with tenant_context(chain_named(RESTORED)):
        User.objects.update(language="en")
        chosen_by_mail(browser, "owner@acme.test")
        assert browser.post("/sign-in/", {"login": "owner@acme.test", "password": NEW}).status_code == 302
        # The chain requires a second factor, so the next page is its set-up.
        assert browser.get("/settings/").headers["Location"] == "/account/two-step/totp/activate/"
        browser.post("/sign-out/")
        assert "some people have no password yet" in text_of(browser.get("/sign-in/"))
        browser.post("/account/password/forgotten/", {"email": "colleague@acme.test"})
        chosen_by_mail(browser, "colleague@acme.test")
        assert "some people have no password yet" not in text_of(browser.get("/sign-in/"))
        assert browser.post("/sign-in/", {"login": "colleague@acme.test", "password": NEW}).status_code == 302


def test_the_sign_in_page_of_another_chain_says_nothing_of_it(anonymous_client: ChainClient, hq_user: User) -> None:
    anonymous_client.cookies["django_language"] = "en"
    assert "have no password yet" not in text_of(anonymous_client.get("/sign-in/"))
