from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django_tenants.utils import tenant_context

from core.imports.models import ImportRun

R = Path("/work/shared/data/salon_receipts/receipts.csv")
pytestmark = [pytest.mark.browser]
BAD = "Receipt,Date,Client,Amount,Store\n" + "".join(
    f"{i},2018-03-{i % 28 + 1:02},C{i},{'x' if i % 3 else 5},S1\n" for i in range(1, 31)
)
AMB = "Receipt,Date,Client,Amount\n1,03/04/2018,A,5\n2,04/05/2018,B,6\n"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390), ("light", 390), ("dark", 1440)])
def test_shots(empty_site, visit, tmp_path, scheme, width):
    v = visit(width=width, scheme=scheme)
    page = v.page
    empty_site.sign_in(page, "hq@acme.test")

    def shot(name):
        page.wait_for_load_state("networkidle")
        page.screenshot(path=f"/tmp/shots/{name}-{scheme}-{width}.png", full_page=True)
        print(name, page.evaluate("document.documentElement.scrollWidth"), len(page.content()))
        f = Axe().run(page)
        if f.violations_count:
            print(name, f.generate_report())

    page.goto(empty_site.url + "/imports/")
    shot("empty")

    def up(kind, path):
        page.goto(empty_site.url + f"/imports/new/?kind={kind}")
        page.get_by_label("File", exact=True).set_input_files(path)
        shot("new")
        page.get_by_role("button", name="Upload and look").click()

    s = tmp_path / "stores.csv"
    s.write_text("store_code,name,city\nS1,The salon,上海\nS2,Second,上海\n")
    up("stores", s)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import", exact=True).click()
    shot("stores-done")
    up("visits", R)
    shot("read")
    page.get_by_role("button", name="Check the file").click()
    shot("read-error")
    page.get_by_label("Store of rows that name none").select_option("S1")
    page.get_by_label("Make stubs for what is not known yet").check()
    page.get_by_role("button", name="Check the file").click()
    shot("checked")
    page.get_by_role("button", name="Import", exact=True).click()
    shot("done")
    b = tmp_path / "bad.csv"
    b.write_text(BAD)
    up("visits", b)
    page.get_by_label("Make stubs for what is not known yet").check()
    page.get_by_role("button", name="Check the file").click()
    shot("refused")
    page.get_by_role("button", name="Import the good rows").click()
    shot("rejects")
    a = tmp_path / "amb.csv"
    a.write_text(AMB)
    up("visits", a)
    page.get_by_label("Store of rows that name none").select_option("S1")
    page.get_by_role("button", name="Check the file").click()
    shot("ambiguous")
    with tenant_context(empty_site.chain):
        run = ImportRun.objects.first()
        from django.utils import timezone

        ImportRun.objects.filter(pk=run.pk).update(
            status="queued",
            started_at=timezone.now() - timezone.timedelta(minutes=5)
            if hasattr(timezone, "timedelta")
            else timezone.now(),
        )
    page.goto(empty_site.url + f"/imports/{run.pk}/")
    page.wait_for_timeout(300)
    page.screenshot(path=f"/tmp/shots/running-{scheme}-{width}.png")
    page.goto(empty_site.url + "/imports/")
    shot("list")
    print(v.complaints)
