"""Files of appointments and of cards on their way through the pages."""

from core.appointments.models import Appointment
from core.balances.models import OpeningBalance
from core.clients.models import Client
from core.stores.models import Store
from tests.plugins.imports import Importer
from tests.plugins.salons import text_of

BOOKINGS = "Booking ref,Client,Appointment Date,Time,Service\nB1,Anna Lee,2025-03-04,10:30,Cut\n"
CARDS = "Client,Package,Sessions left,Balance due\nAnna Lee,Ten cuts,7,0\n"


def test_appointments_are_asked_about_and_remembered(importer: Importer, store: Store) -> None:
    run = importer.uploaded(BOOKINGS, "appointments", "bookings-march.csv")
    assert importer.client.get(f"/imports/{run.pk}/").context["form"].chosen == [
        "appointment_ref", "client_ref", "started_at", "start_time", "service_code"
    ]  # fmt: skip
    importer.check(run, create_missing="on", store="S001")
    text = text_of(importer.client.get(f"/imports/{run.pk}/"))
    assert "No column says the status." in text
    importer.client.post(f"/imports/{run.pk}/answers/", {"answer:status:none": "booked"})
    run.refresh_from_db()
    assert "count in no figure" in text_of(importer.client.get(f"/imports/{run.pk}/"))
    assert not Appointment.objects.exists()
    importer.bring_in(run)
    assert Appointment.objects.values_list("ref", "status", "client__ref").get() == ("B1", "booked", "Anna Lee")
    page = importer.client.get(f"/imports/{run.pk}/").content.decode()
    assert 'href="/clients/"' in page
    # The next one is checked at once.
    next_run = importer.uploaded(BOOKINGS.replace("B1", "B2"), "appointments")
    assert (next_run.status, next_run.summary["created"]) == ("done", 1)


def test_cards_come_in_and_are_taken_back(importer: Importer, store: Store) -> None:
    run = importer.uploaded(CARDS, "balances", "cards.csv")
    importer.check(run, create_missing="on", column_2="times_left")
    importer.bring_in(run)
    assert OpeningBalance.objects.values_list("item", "times_left").get() == ("Ten cuts", 7)
    assert "Cards and stored value" in text_of(importer.client.get("/imports/"))
    importer.client.post(f"/imports/{run.pk}/undo/")
    assert "Cards and stored value 1" in text_of(importer.client.get(f"/imports/{run.pk}/undo/"))
    importer.client.post(f"/imports/{run.pk}/undo/confirm/")
    assert (OpeningBalance.objects.count(), Client.objects.count()) == (1, 1)


def test_cards_without_what_is_left_say_so(importer: Importer, store: Store) -> None:
    run = importer.uploaded(CARDS, "balances", "cards.csv")
    importer.check(run, column_2="-", create_missing="on")
    response = importer.client.get(f"/imports/{run.pk}/")
    assert "No column says how many times or what amount is left." in text_of(response)
    # The columns are there to be corrected.
    assert importer.said(run)["column_2"] == "-"
