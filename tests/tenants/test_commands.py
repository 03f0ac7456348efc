import json

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from core.accounts.models import User
from tenants.models import Chain
from tenants.provisioning import script


def test_create_chain_prints_one_document(chains, db, capsys):
    call_command("create_chain", "--schema=fresh", "--name=Fresh", "--owner-email=owner@example.com", "--json")
    output = capsys.readouterr()
    document = json.loads(output.out)
    assert document == {"schema": "fresh", "domain": "fresh.localhost", "seconds": document["seconds"]}
    assert 0 < document["seconds"] < 5
    assert output.err == ""
    with tenant_context(Chain.objects.get(schema_name="fresh")):
        assert User.objects.get().email == "owner@example.com"


def test_create_chain_takes_all_that_the_contract_names(chains, db, capsys):
    options = ["--domain=salon.example.com", "--currency=GBP", "--time-zone=Europe/London"]
    call_command("create_chain", "--schema=fresh", "--name=Fresh", *options)
    assert capsys.readouterr().out.startswith("Chain fresh answers at salon.example.com (")
    chain = Chain.objects.get(schema_name="fresh")
    assert (chain.currency, chain.time_zone) == ("GBP", "Europe/London")


def test_create_chain_refused(chains, db, capsys):
    with pytest.raises(CommandError, match=r"^schema: “acme” is taken; choose another\.$") as refused:
        call_command("create_chain", "--schema=acme", "--name=Acme", "--json")
    assert refused.value.returncode == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", ["migrate_schemas", "migrate"])
def test_chains_are_not_migrated_without_their_owner(db, command):
    with pytest.raises(CommandError, match="Use --shared for the public schema, and migrate_chains for the chains"):
        call_command(command)


def test_the_script_is_renewed_only_where_it_differs(db, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("tenants.management.commands.record_chain_script.SCRIPT", tmp_path / "chain.sql")
    with pytest.raises(SystemExit):
        call_command("record_chain_script", "--check")
    assert "is stale: run record_chain_script" in capsys.readouterr().err
    call_command("record_chain_script")
    call_command("record_chain_script", "--check")
    call_command("record_chain_script")
    assert capsys.readouterr().err.split() == [
        f"{tmp_path}/chain.sql:",
        "renewed",
        f"{tmp_path}/chain.sql:",
        "unchanged",
    ]
    assert (tmp_path / "chain.sql").read_text() == script.SCRIPT.read_text()
