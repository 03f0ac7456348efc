"""How a file is read is remembered by the set of its headings."""

from core.clients.models import Client
from core.imports.models import ImportProfile, ImportRun
from core.stores.models import Store
from core.visits.models import Visit
from tests.plugins.imports import Importer
from tests.plugins.salons import text_of

MARCH = "Bon,Tag,Was,Wer,Wieviel,State\n1,2018-03-15,Cut,K1,82,Parked\n2,2018-03-16,Cut,K2,70,Completed\n"
APRIL = "Wer,Bon,Tag,Was,Wieviel,State\nK1,3,2018-04-15,Cut,82,Parked\nK3,4,2018-04-16,Cut,70,Completed\n"
MEANING = {
    "column_0": "visit_ref", "column_1": "started_at", "column_2": "item", "column_3": "client_ref",
    "column_4": "amount", "column_5": "status", "store": "S001", "create_missing": "on",
}  # fmt: skip


def bring_march(importer: Importer) -> ImportRun:
    run = importer.uploaded(MARCH, name="till-march.csv")
    importer.check(run, **MEANING)
    importer.client.post(f"/imports/{run.pk}/answers/", {"answer:status:Parked": "leave_out"})
    run.refresh_from_db()
    importer.bring_in(run)
    assert run.summary["created"] == 1
    return run


def test_the_next_file_comes_in_with_two_clicks(importer: Importer, store: Store) -> None:
    bring_march(importer)
    run = importer.uploaded(APRIL)
    assert (run.status, run.dry_run, run.summary["created"]) == ("done", True, 1)
    assert "Read as “till-march”" in text_of(importer.client.get(f"/imports/{run.pk}/"))
    importer.bring_in(run)
    assert sorted(Visit.objects.values_list("ref", flat=True)) == ["2", "4"]
    assert ImportProfile.objects.count() == 1


def test_other_headings_are_another_profile(importer: Importer, store: Store) -> None:
    bring_march(importer)
    run = importer.uploaded("Wann,Wer,Wieviel\n2018-05-15,K1,82\n", name="till-march.csv")
    assert run.status == "uploaded"
    # What was said of a heading helps in other files too.
    assert importer.said(run)["column_1"] == "client_ref"
    importer.check(run, column_0="started_at", column_1="client_ref", column_2="amount", store="S001")
    assert list(ImportProfile.objects.values_list("name", flat=True)) == ["till-march", "till-march 2"]


def test_files_without_headings_are_known_by_their_width(importer: Importer, store: Store) -> None:
    first = importer.uploaded("2018-03-15,K1,82\n2018-03-16,K2,70\n")
    columns = {"column_0": "started_at", "column_1": "client_ref", "column_2": "amount"}
    importer.check(first, **columns, store="S001", create_missing="on")
    assert first.status == "done"
    second = importer.uploaded("2018-04-15,K1,82\n2018-04-16,K2,70\n")
    assert (second.status, second.dry_run, second.summary["created"]) == ("done", True, 2)


def test_a_remembered_answer_that_is_out_of_date_is_asked_again(importer: Importer, store: Store) -> None:
    bring_march(importer)
    profile = ImportProfile.objects.get()
    profile.options = {**profile.options, "answers": {"status:Parked": "gone"}}
    profile.save()
    run = importer.uploaded(APRIL)
    assert run.status == "refused"
    assert [question["key"] for question in run.summary["questions"] if question["taken"] is None] == ["status:Parked"]


def test_a_profile_is_renamed_and_forgotten(importer: Importer, store: Store) -> None:
    bring_march(importer)
    profile = ImportProfile.objects.get()
    assert "till-march" in importer.client.get("/imports/profiles/").content.decode()
    other = ImportProfile.objects.create(kind="visits", name="Other", headings_hash="x")
    assert importer.client.post(f"/imports/profiles/{profile.pk}/", {"name": "Till of S1"}).status_code == 302
    for name in ("", "Other", "x" * 101):
        assert importer.client.post(f"/imports/profiles/{profile.pk}/", {"name": name}).status_code == 400
    profile.refresh_from_db()
    assert profile.name == "Till of S1"
    assert importer.client.post(f"/imports/profiles/{other.pk}/forget/").status_code == 302
    assert importer.client.get(f"/imports/profiles/{other.pk}/forget/").status_code == 405
    assert importer.client.post(f"/imports/profiles/{other.pk}/forget/").status_code == 404
    assert ImportProfile.objects.get() == profile
    assert Client.objects.count() == 1
