"""The way of a file through the pages: upload, columns, check, import, summary."""

import csv
import io

from django.core.files.storage import FileSystemStorage
from django.test import override_settings

from core.imports.models import ColumnMapping, ImportRun
from core.reporting.repurchase import repurchase
from core.stores.models import Store
from core.visits.models import Visit
from tests.plugins.imports import RECEIPTS, Importer
from tests.plugins.salons import text_of


def test_the_columns_are_shown_recognised_with_samples(importer: Importer, receipts: ImportRun) -> None:
    response = importer.client.get(f"/imports/{receipts.pk}/")
    text = text_of(response)
    chosen = response.context["form"].chosen
    assert chosen == ["visit_ref", "started_at", "item", "client_ref", "amount"]
    assert "KERT01 COOM01" in text
    assert "“03/15/2018” is 15 Mar 2018 %m/%d/%Y" in text
    assert "%d/%m/%Y" not in text.split("another way")[0]


def test_checked_then_imported(importer: Importer, receipts: ImportRun) -> None:
    assert importer.check(receipts, store="S001", create_missing="on").status_code == 302
    assert (receipts.status, receipts.dry_run) == ("done", True)
    text = text_of(importer.client.get(f"/imports/{receipts.pk}/"))
    assert "The file is sound Rows read 3 Would be new 3 Would change 0 As known already 0 Rows left out 0" in text
    assert not Visit.objects.exists()
    importer.bring_in(receipts)
    assert (receipts.status, receipts.dry_run) == ("done", False)
    assert Visit.objects.count() == 3
    text = text_of(importer.client.get(f"/imports/{receipts.pk}/"))
    assert "imported" in text
    assert "Rows read 3 New 3 Changed 0" in text
