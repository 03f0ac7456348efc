"""The owner's settings page: who may, what it does, that a refusal changes nothing."""

import os
import subprocess
import sys
import time
import uuid
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django_tenants.utils import tenant_context

from core.accounts.models import User
from core.audit.models import AuditEntry
from core.jobs.models import Job
from core.jobs.tasks import send_next, send_waiting
from core.shared.errors import AppError
from core.shared.locks import jobs_lock
from tenants.life import exports
from tenants.life.exports import ask_export, delete_leftovers, delete_old_exports, place_of
from tenants.models import Chain, Domain
from tests.plugins.chains import ChainClient, make_user, outside_chains, signed_in
from tests.plugins.jobs import message_for, put
from tests.plugins.locks import locked
from tests.plugins.salons import text_of

FORMS = [
    "exports/", "erasure/", "erasure/withdrawal/", "address/", "addresses/1/main/", "addresses/1/removal/",
    "domains/", "domains/1/verification/", "domains/1/withdrawal/",
]  # fmt: skip
READ = ["", f"exports/{uuid.UUID(int=1)}/"]
GIVEN = {"name": "Acme Beauty", "address": "beau", "domain": "salon.example.com"}


@pytest.fixture
def owner(chain: Chain) -> User:
    user = make_user("owner@acme.test", role=User.Role.OWNER)
    User.objects.update(language="en")
    return user


@pytest.fixture
def owner_client(owner: User) -> ChainClient:
    return signed_in(owner, host="acme.localhost")


def kept() -> Any:
    jobs = list(Job.objects.values())
    with outside_chains():
        return (
            jobs,
            list(Domain.objects.order_by("pk").values()),
            list(Chain.objects.order_by("pk").values()),
        )


@pytest.mark.parametrize("role", [role for role in User.Role.values if role not in {"owner", "operator"}])
def test_others_may_nothing(chain: Chain, role: str) -> None:
    client = signed_in(make_user("someone@acme.test", role=role), host="acme.localhost")
    before = kept()
    assert {client.get(f"/settings/{path}").status_code for path in READ} == {403}
    assert {client.post(f"/settings/{path}", GIVEN).status_code for path in FORMS} == {403}
    assert kept() == before


def test_strangers_and_other_chains_are_sent_to_sign_in(
    anonymous_client: ChainClient, other_client: ChainClient
) -> None:
    before = kept()
    for stranger in (anonymous_client, other_client):
        for path in (*READ, *FORMS):
            response = stranger.post(f"/settings/{path}", GIVEN, headers={"host": "acme.localhost"})
            assert response.status_code == 302
            assert response.headers["Location"].startswith("/sign-in/")
    assert kept() == before


def test_the_wrong_method(owner_client: ChainClient) -> None:
    assert {owner_client.get(f"/settings/{path}").status_code for path in FORMS} == {405}
    assert {owner_client.post(f"/settings/{path}").status_code for path in READ} == {405}


def test_the_page(owner_client: ChainClient) -> None:
    text = text_of(owner_client.get("/settings/"))
    assert "Main address acme.localhost" in text
    assert "To confirm, type the chain's name: Acme Beauty" in text


def test_who_pays_is_told_before_that_the_subscription_goes_on(owner_client: ChainClient, chain: Chain) -> None:
    said = "A subscription goes on until the day of the erasure"
    assert said not in text_of(owner_client.get("/settings/"))
    with outside_chains():
        Chain.objects.filter(pk=chain.pk).update(allowance={"plan": "solo"})
    assert said in text_of(owner_client.get("/settings/"))


def test_erasure_asked_and_taken_back(owner_client: ChainClient) -> None:
    wrong = owner_client.post("/settings/erasure/", {"name": "acme"})
    assert wrong.status_code == 400
    assert "Type the name of the chain just as it is written: Acme Beauty" in text_of(wrong)
    assert owner_client.post("/settings/erasure/", {"name": "Acme Beauty"}).status_code == 302
    assert "will be erased on" in text_of(owner_client.get("/stores/"))
    assert owner_client.post("/settings/erasure/withdrawal/").status_code == 302
    assert "will be erased on" not in text_of(owner_client.get("/stores/"))


def test_the_address_is_changed(owner_client: ChainClient) -> None:
    taken = owner_client.post("/settings/address/", {"address": "www"})
    assert taken.status_code == 400
    assert "reserved" in text_of(taken)
    changed = owner_client.post("/settings/address/", {"address": "beau"})
    # No redirect: the browser would not follow a form to another host.
    assert changed.status_code == 200
    assert 'href="http://beau.localhost/settings/"' in changed.content.decode()
    assert owner_client.get("/settings/").headers["Location"] == "http://beau.localhost/settings/"


def test_another_chains_rows_are_not_there(owner_client: ChainClient, other_chain: Chain) -> None:
    with outside_chains():
        theirs = Domain.objects.create(domain="second.localhost", tenant=other_chain, is_primary=False)
    with tenant_context(other_chain):
        export = Job.objects.create(kind="export", state="done")
    for path in (f"addresses/{theirs.pk}/main/", f"addresses/{theirs.pk}/removal/"):
        assert owner_client.post(f"/settings/{path}").status_code == 404
    assert owner_client.get(f"/settings/exports/{export.pk}/").status_code == 404
    with outside_chains():
        theirs.refresh_from_db()
        assert theirs.tenant_id == other_chain.pk


def test_an_export_from_click_to_file(furnished: Chain) -> None:
    """In one go here; a worker makes it elsewhere."""
    with tenant_context(furnished):
        owner = User.objects.get(email="owner@acme.test")
        client = signed_in(owner, host=f"{furnished.schema_name}.localhost")
        asked = ask_export(furnished, acting_user=owner)
        asked.refresh_from_db()
        file = place_of(asked, furnished.schema_name)
        assert (asked.state, asked.result) == ("done", {"size": file.stat().st_size})
        page = client.get("/settings/")
        assert f"/settings/exports/{asked.pk}/" in page.content.decode()
        sent = client.get(f"/settings/exports/{asked.pk}/")
        content = b"".join(sent.streaming_content)
        assert "manifest.json" in zipfile.ZipFile(BytesIO(content)).namelist()
        actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
        assert actions[-3:] == ["sign_in", "chain.export_asked", "export"]
    with outside_chains():
        assert delete_old_exports() == 0
        week_ago = time.time() - 8 * 24 * 3600
        os.utime(file, (week_ago, week_ago))
        assert delete_old_exports() == 1
        assert not file.exists()
    with tenant_context(furnished):
        assert client.get(f"/settings/exports/{asked.pk}/").status_code == 404
        assert "deleted" in text_of(client.get("/settings/"))


def test_one_export_at_a_time(owner: User, chain: Chain, places: Path) -> None:
    job = ask_export(chain, acting_user=owner)
    for state in ("waiting", "running"):
        put(job, state=state)
        with pytest.raises(AppError) as refused:
            ask_export(chain, acting_user=owner)
        assert refused.value.code == "export_under_way"
    put(job, state="failed")
    ask_export(chain, acting_user=owner)


def test_an_export_waits_behind_other_work_of_the_chain_and_is_sent_at_its_end(furnished: Chain) -> None:
    with tenant_context(furnished):
        owner = User.objects.get(email="owner@acme.test")
        with locked(jobs_lock()):
            asked = ask_export(furnished, acting_user=owner)
            asked.refresh_from_db()
            assert asked.state == "waiting"
            page = text_of(signed_in(owner, host=f"{furnished.schema_name}.localhost").get("/settings/"))
            assert "Waiting for other work of the chain to end" in page
        send_next()
        asked.refresh_from_db()
        assert asked.state == "done"


def test_a_lost_message_is_sent_again_by_the_schedule(furnished: Chain, no_worker: pytest.MonkeyPatch) -> None:
    with tenant_context(furnished):
        asked = ask_export(furnished, acting_user=User.objects.get(email="owner@acme.test"))
        no_worker.undo()
        send_waiting.delay()
        asked.refresh_from_db()
        assert asked.state == "done"


def test_why_an_export_failed_is_said(
    owner_client: ChainClient, owner: User, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    for problem, said in ((OSError, "Something went wrong on our side."), (SoftTimeLimitExceeded, "took longer than")):
        monkeypatch.setattr(exports, "write_archive", Mock(side_effect=problem))
        job = ask_export(chain, acting_user=owner)
        message_for(job)
        assert job.state == "failed"
        assert said in text_of(owner_client.get("/settings/"))


def test_a_message_that_comes_twice_makes_one(furnished: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr("tenants.life.exports.write_archive", lambda *a, **_more: made.append(a[1].write_bytes(b"x")))
    with tenant_context(furnished):
        asked = ask_export(furnished, acting_user=User.objects.get(email="owner@acme.test"))
        message_for(asked)
        message_for(asked)
    assert len(made) == 1


def test_what_a_killed_process_left_goes_after_a_day(furnished: Chain, places: Path) -> None:
    old, young = places / "files" / ".restoring-old", places / "files" / ".restoring-young"
    draft = places / "exports" / furnished.schema_name / ".x.zip.part"
    for folder in (old / "a", young, draft.parent):
        folder.mkdir(parents=True)
    draft.write_bytes(b"x")
    for path in (old, draft):
        os.utime(path, (1, 1))
    assert delete_leftovers() == 2
    assert not old.exists()
    assert not draft.exists()
    assert young.exists()
    assert (places / "files" / furnished.schema_name / "imports").exists()


def test_an_export_whose_worker_is_killed(furnished: Chain, places: Path, no_worker: pytest.MonkeyPatch) -> None:
    """Nothing half made can be fetched, and it is made by the next process."""
    with tenant_context(furnished):
        owner = User.objects.get(email="owner@acme.test")
        job = ask_export(furnished, acting_user=owner)
    code = (
        "import django, os, signal; django.setup();"
        "from core.jobs.work import Work; from core.jobs.running import run_job;"
        "from django_tenants.utils import schema_context, tenant_context; from tenants.models import Chain;"
        "Work.count = lambda *_: os.kill(os.getpid(), signal.SIGKILL);"
        f"chain = Chain.objects.get(schema_name={furnished.schema_name!r});"
        f"tenant_context(chain).__enter__(); run_job({str(job.pk)!r})"
    )
    media, made = str(places / "files"), str(places / "exports")
    roots = f"from django.conf import settings; settings.MEDIA_ROOT = {media!r}; settings.EXPORT_ROOT = {made!r};"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    ended = subprocess.run([sys.executable, "-c", roots + code], env=environment, check=False, capture_output=True)
    assert ended.returncode == -9, ended.stderr.decode()
    with tenant_context(furnished):
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("running", 1)
        assert not place_of(job, furnished.schema_name).exists()
        said = text_of(signed_in(owner, host=f"{furnished.schema_name}.localhost").get("/settings/"))
        assert "The work was interrupted. It begins again by itself" in said
        no_worker.undo()
        send_waiting.delay()
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("done", 2)
        assert place_of(job, furnished.schema_name).exists()
