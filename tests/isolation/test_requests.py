"""Every page of a chain, tried with another chain's host, session and objects; and what a Host header can be."""

import itertools
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django_tenants.utils import tenant_context
from pytest_django import Settings

from billing.models import Account, Invoice
from core.accounts.models import User
from core.catalogue.models import Service, ServiceCategory
from core.clients.models import Client
from core.followup.models import Contact
from core.imports.models import ImportProfile, ImportRun, Upload
from core.imports.runs.resumable import add_piece, begin_upload
from core.jobs.models import Job
from core.merging.models import Merge
from core.staff.models import StaffMember
from core.stores.models import City, Store, StoreGroup
from tenants.life.domains import claim_domain
from tenants.life.folders import exports_folder
from tenants.life.models import DomainClaim
from tenants.models import Chain, Domain
from tests.plugins.chains import OPEN_EVERYWHERE, ChainClient, make_user, outside_chains, signed_in

# Stands in every name of the one chain, and must never be seen in the other.
MARK = "NightingaleSecret"
# What someone who is not signed in may open, too.
PUBLIC_NAMES = OPEN_EVERYWHERE | {"join", "welcome", "enter", "leave", "confirm-email"}
# Arguments that are secrets, not objects.
SECRETS = {"token": "forged", "key": "forged"}
# Arguments that name what every chain has.
METRICS = {"metric": "repurchase", "metric_code": "repurchase_rate"}
# A number that no object of the other chain has by chance.
FAR = itertools.count(990_001)
Pattern = tuple[str, dict[str, Any]]


@pytest.fixture
def acme_objects(chain: Chain, tmp_path: Path, settings: Settings) -> dict[str, Any]:
    """One of each in `acme`, by the name of the URL's argument."""
    settings.EXPORT_ROOT = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    store = Store.objects.create(id=next(FAR), code="S990", name=f"{MARK} store")
    store.locations.create(city=f"{MARK} city", city_tier="一线", region=f"{MARK} region")
    city = City.objects.create(id=next(FAR), name=f"{MARK} own city", tier="T", region="R")
    group = StoreGroup.objects.create(id=next(FAR), name=f"{MARK} group")
    group.members.create(store=store)
    client = Client.objects.create(id=next(FAR), ref=f"{MARK}-C", name=f"{MARK} client", store=store)
    contact = Contact.objects.create(
        id=next(FAR), client=client, store=store, day=date(2025, 3, 1), kind="called", note=f"{MARK} note"
    )
    staff = StaffMember.objects.create(id=next(FAR), code=f"{MARK}-E", name=f"{MARK} staff", store=store)
    category = ServiceCategory.objects.create(id=next(FAR), name=f"{MARK} category")
    service = Service.objects.create(id=next(FAR), code=f"{MARK}-V", name=f"{MARK} service", category=category)
    user = User.objects.create(id=next(FAR), email=f"{MARK.lower()}@acme.test", role=User.Role.OWNER, password="!")
    run = ImportRun.objects.create(kind="clients", file_name=f"{MARK}.csv", path="acme/x", created_by=user)
    profile = ImportProfile.objects.create(id=next(FAR), kind="visits", name=f"{MARK} till", headings_hash="x")
    merge = Merge.objects.create(
        id=next(FAR),
        kind="store",
        keep_id=store.pk,
        gone_id=store.pk,
        keep_label=f"{MARK} store",
        gone_label=f"{MARK} old",
    )
    return {
        "client_id": client.pk,
        "contact_id": contact.pk,
        "merge_id": merge.pk,
        "kind": "store",
        "record_id": store.pk,
        "first_id": client.pk,
        "second_id": client.pk,
        "category_id": category.pk,
        "profile_id": profile.pk,
        "run_id": run.pk,
        "upload_id": upload_of(user).pk,
        "code": store.code,
        "store_id": store.pk,
        "city_id": city.pk,
        "group_id": group.pk,
        "staff_id": staff.pk,
        "service_id": service.pk,
        "user_id": user.pk,
        "pk": client.pk,
        **METRICS,
        **public_objects(chain, user),
        **jobs_of(chain, user, run),
        **SECRETS,
        "user": user,
    }


def upload_of(user: User) -> Upload:
    """A file of theirs that is half up."""
    upload = begin_upload(acting_user=user, name=f"{MARK}.csv", size=4, modified=0)
    return add_piece(acting_user=user, upload=upload, offset=0, length=2, body=BytesIO(b"a,"))


def public_objects(chain: Chain, owner: User) -> dict[str, Any]:
    """What `public` holds of acme, and no schema keeps apart."""
    claim = claim_domain(chain, f"{MARK.lower()}.example.com", acting_user=owner)
    with outside_chains():
        domain = Domain.objects.create(domain=f"{MARK.lower()}.localhost", tenant=chain, is_primary=False)
    return {"domain_id": domain.pk, "claim_id": claim.pk, "invoice_id": invoice_of(chain)}


def jobs_of(chain: Chain, owner: User, run: ImportRun) -> dict[str, Any]:
    """An export that is there, and an import that waits."""
    asked = {"user": owner, "asked_by": f"{MARK}@acme.test"}
    export = Job.objects.create(kind="export", state="done", result={"size": 4}, finished_at=timezone.now(), **asked)
    waiting = Job.objects.create(kind="import", arguments={"run": str(run.pk), "file": f"{MARK}.csv"}, **asked)
    place = exports_folder(chain.schema_name) / f"{export.pk}.zip"
    place.parent.mkdir(parents=True)
    place.write_text(MARK)
    return {"export_id": export.pk, "job_id": waiting.pk}


def invoice_of(chain: Chain) -> str:
    with outside_chains():
        account = Account.objects.create(
            chain=chain, trial_ends_at=timezone.now(), customer_id=f"cus_{MARK}", status=Account.Status.ACTIVE
        )
        invoice = Invoice.objects.create(
            id="in_990",
            account=account,
            number=f"{MARK}-1",
            status="paid",
            currency="CNY",
            total=199_00,
            created_at=timezone.now(),
        )
        return invoice.pk


def patterns(resolver: URLResolver | None = None, path: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of a chain's site with its whole path."""
    resolver = resolver or get_resolver(settings.ROOT_URLCONF)
    for entry in resolver.url_patterns:
        whole = f"{path}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from patterns(entry, whole)
        else:
            yield whole, entry


def address(path: str, objects: dict[str, Any]) -> str:
    """The path with acme's objects in it. An argument not known here has to be added to `acme_objects`."""
    if path.startswith("^account/password/new/"):
        return "/account/password/new/1-forged/"
    parts = []
    for part in path.split("/"):
        if part.startswith("<"):
            name = part.strip("<>").split(":")[-1]
            assert name in objects, f"Add an object for {name} of {path}."
            parts.append(str(objects[name]))
        else:
            parts.append(part)
    return "/" + "/".join(parts)


def has_object(path: str) -> bool:
    return "<" in path and not any(f":{name}>" in path or f"<{name}>" in path for name in {**SECRETS, **METRICS})


def body(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


def every_answer(client: Browser, objects: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Each route asked for, read and written to."""
    for path, _pattern in patterns():
        target = address(path, objects)
        if target in {"/sign-out/", "/account/sessions/"}:
            continue
        for method in ("get", "post", "put", "delete"):
            yield path, method, getattr(client, method)(target)


def rows_of_acme() -> list[Any]:
    tables = (Store, City, Client, StaffMember, Service, ServiceCategory, User, ImportRun, Upload, Job)
    owned = {Domain: "tenant", DomainClaim: "chain", Invoice: "account__chain"}
    with outside_chains():
        public = [
            list(table.objects.filter(**{f"{path}__schema_name": "acme"}).order_by("pk").values())
            for table, path in owned.items()
        ]
    return [list(table.objects.order_by("pk").values()) for table in tables] + public


def test_the_walk_sees_the_whole_site() -> None:
    assert len(list(patterns())) >= 25
    assert any(has_object(path) for path, _pattern in patterns())


def test_anothers_objects_are_not_there(acme_objects: dict[str, Any], other_chain: Chain) -> None:
    with tenant_context(other_chain):
        client = signed_in(make_user("owner@other.test", role=User.Role.OWNER), host="other.localhost")
    before = rows_of_acme()
    seen = 0
    for path, method, response in every_answer(client, acme_objects):
        assert MARK.lower() not in (body(response) + str(response.headers)).lower(), (method, path)
        if has_object(path):
            seen += 1
            assert response.status_code in {404, 405}, (method, path, response.status_code)
    assert seen
    assert rows_of_acme() == before


def test_anothers_session_is_nobodys(acme_objects: dict[str, Any], other_chain: Chain) -> None:
    at_home = signed_in(acme_objects["user"], host="acme.localhost")
    assert at_home.get("/clients/").status_code == 200
    abroad = ChainClient(headers={"host": "other.localhost"})
    before = rows_of_acme()
    for path, pattern in patterns():
        for method in ("get", "post"):
            abroad.cookies.clear()
            abroad.cookies.load(at_home.cookies.output(header="", sep=";"))
            response = getattr(abroad, method)(address(path, acme_objects))
            assert MARK.lower() not in body(response).lower(), (method, path)
            if pattern.name not in PUBLIC_NAMES:
                # The page to sign in at, or no page at all; never this one. Programs are told.
                refusals = {401} if path.startswith("api/") else {302, 404, 405}
                assert response.status_code in refusals, (method, path, response.status_code)
                assert "/sign-in/" in response.headers.get("Location", "/sign-in/"), (method, path)
    assert rows_of_acme() == before
    with tenant_context(other_chain):
        assert not Session.objects.exists()


@pytest.mark.parametrize("host", ["nobody.localhost", "acme.localhost.nobody.localhost", "evil.example.com"])
def test_an_unknown_host_has_no_pages(acme_objects: dict[str, Any], host: str) -> None:
    client = ChainClient(headers={"host": host})
    for path, method, response in every_answer(client, acme_objects):
        assert (response.status_code, body(response)) == (404, "Not found\n"), (method, path)
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert not response.cookies


def test_the_platforms_own_host_has_no_pages_of_a_chain(acme_objects: dict[str, Any]) -> None:
    client = ChainClient(headers={"host": "localhost"})
    for path, _pattern in patterns():
        if has_object(path):
            response = client.get(address(path, acme_objects))
            assert response.status_code == 404, path
            assert MARK not in body(response)


@override_settings(ALLOWED_HOSTS=["*"])
@pytest.mark.urls("tests.tenants.urls")
@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("acme.localhost", "acme"),
        ("acme.localhost:80", "acme"),
        ("acme.localhost:65535", "acme"),
        ("ACME.LocalHost", "acme"),
        ("acme.localhost.", "acme"),
        ("acme.localhost..", None),
        (".acme.localhost", None),
        ("acme.localhost:other.localhost", None),
        ("acme.localhost:80:80", None),
        ("acme.localhost@other.localhost", None),
        ("other.localhost@acme.localhost", None),
        ("acme.localhost,other.localhost", None),
        ("acme.localhost, acme.localhost", None),
        ("acme.localhost other.localhost", None),
        ("acme.localhost/", None),
        ("acme.localhost?", None),
        ("acme.localhost#", None),
        ("acme.localhost\\", None),
        ("acme.localhost%00", None),
        ("acme.localhost\0", None),
        ("'; DROP SCHEMA acme; --", None),
        ("acme", None),
        ("localhost.acme", None),
        ("10.0.0.1", None),
        ("[::1]", None),
        ("2130706433", None),
        ("xn--acme.localhost", None),
        ("ａcme.localhost", None),
        ("x" * 300 + ".localhost", None),
    ],
)
def test_what_a_host_header_can_be(chain: Chain, other_chain: Chain, host: str, answer: str | None) -> None:
    response = ChainClient(headers={"host": host}).get("/")
    if answer is None:
        assert (response.status_code, response.content) == (404, b"Not found\n")
    else:
        assert response.content == f"AnonymousUser in {answer}".encode()


@pytest.mark.urls("tests.tenants.urls")
@pytest.mark.parametrize("name", ["x-forwarded-host", "x-host", "forwarded", "x-original-host", "x-forwarded-server"])
def test_no_other_header_names_the_chain(chain: Chain, other_chain: Chain, name: str) -> None:
    response = ChainClient(headers={"host": "acme.localhost", name: "other.localhost"}).get("/")
    assert response.content == b"AnonymousUser in acme"


def test_cookies_are_for_the_one_host_alone(acme_objects: dict[str, Any]) -> None:
    """Without a Domain a browser sends them to no other chain's host and to none below."""
    client = ChainClient(headers={"host": "acme.localhost"})
    client.get("/sign-in/")
    client.post("/language/", {"language": "en", "next": "/"})
    client.force_login(acme_objects["user"])
    response = client.get("/")
    assert {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME} <= set(client.cookies)
    assert not any(morsel["domain"] for morsel in [*client.cookies.values(), *response.cookies.values()])
    assert (settings.SESSION_COOKIE_DOMAIN, settings.CSRF_COOKIE_DOMAIN, settings.LANGUAGE_COOKIE_DOMAIN) == (None,) * 3


def test_a_session_key_tried_at_every_chain_opens_one(acme_objects: dict[str, Any], other_chain: Chain) -> None:
    """Each chain has its own table of sessions; neither `public` nor another chain knows the key."""
    key = signed_in(acme_objects["user"], host="acme.localhost").cookies[settings.SESSION_COOKIE_NAME].value
    assert Session.objects.filter(pk=key).exists()
    with tenant_context(other_chain):
        assert not Session.objects.filter(pk=key).exists()
    with outside_chains():
        assert not Session.objects.filter(pk=key).exists()
