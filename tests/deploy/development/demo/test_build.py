"""Both demo chains built as `make demo` builds them, and the figures of requirement H3 from the ordinary code."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tenants.utils import tenant_context
from pytest_django import DjangoDbBlocker

from core.accounts.models import User
from core.membership.models import ClientTier
from core.reporting.answers import answer
from core.reporting.question import Breakdown, Question
from core.reporting.report import Report
from core.shared.errors import AppError
from core.stores.access import visible_stores
from core.stores.models import Store
from core.visits.models import Visit, VisitLine
from deploy.development.demo.chains import DEMO_CHAINS, PASSWORD
from deploy.development.demo.loading import fill
from tenants.models import Chain
from tenants.postgresql_backend.current import connection
from tenants.provisioning import drop_chain
from tests.plugins.database import empty


def build_demo() -> tuple[dict[str, Any], str]:
    """What the command prints, and what it tells meanwhile."""
    printed, told = StringIO(), StringIO()
    call_command("build_demo", "--json", stdout=printed, stderr=told)
    return json.loads(printed.getvalue()), told.getvalue()


@pytest.fixture(scope="module")
def built(platform_tables: list[str], django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """Committed, and dropped after this module."""
    with django_db_blocker.unblock():
        try:
            document, _told = build_demo()
            yield document
        finally:
            connection().set_schema_to_public()
            for chain in Chain.objects.filter(schema_name__in=["yueyan", "maple"]):
                drop_chain(chain)
            connection().close()
            empty(platform_tables)


@pytest.fixture
def yueyan(built: dict[str, Any]) -> Iterator[Chain]:
    with tenant_context(chain := Chain.objects.get(schema_name="yueyan")):
        yield chain


@pytest.fixture
def maple(built: dict[str, Any]) -> Iterator[Chain]:
    with tenant_context(chain := Chain.objects.get(schema_name="maple")):
        yield chain


def m1(by: Breakdown = "none", year: int = 2025, **options: Any) -> Report:
    return answer(Question(start=date(year, 1, 1), end=date(year + 1, 1, 1), by=by, **options))


def rates(report: Report) -> dict[str, Any]:
    return {group.key: group.value for group in report.groups}


def points(value: float) -> Any:
    return pytest.approx(value, abs=0.01)


def test_the_chain_s_rate_and_the_year_before(yueyan):
    report = m1()
    assert report.total.value == points(0.42)
    assert report.total.clients == pytest.approx(5350, rel=0.01)
    assert report.as_of is not None
    assert timezone.localdate() - report.as_of <= timedelta(days=1)
    assert not report.stale_stores
    assert report.anonymous_line_share == pytest.approx(0.012, abs=0.001)
    assert m1(year=2024).total.value == points(0.371)


def test_rates_by_city_tier_raw_and_adjusted(yueyan):
    report = m1("city_tier")
    assert rates(report) == {"一线": points(0.48), "二线": points(0.42), "三线": points(0.35)}
    adjusted = {group.key: group.adjusted_value for group in report.groups}
    assert 0.07 < adjusted["一线"] - adjusted["三线"] < 0.11
    assert report.adjustment.coverage > 0.95


def test_rates_by_category(yueyan):
    expected = {"面部护理": points(0.55), "抗衰": points(0.50), "身体SPA": points(0.45), "其他": points(0.25)}
    assert rates(m1("category")) == expected


def test_two_stores_lie_outside_the_funnel(yueyan):
    report = m1("store")
    assert len(report.groups) == 36
    outside = {code for code, position in report.funnel.positions.items() if position.endswith("_998")}
    assert outside == {"SHJA", "YCWY"}


def test_regions_come_from_the_built_in_table_of_cities(yueyan):
    assert set(rates(m1("region"))) == {"华北", "东北", "华东", "华中", "华南", "西南", "西北"}


def test_every_breakdown_has_several_groups_on_each_basis(yueyan):
    for by in ("member_tier", "acquisition", "staff", "city"):
        assert len(m1(by).groups) > 1
        assert m1(by, basis="purchase").total.value < 0.40


def test_visits_and_their_kinds_of_lines(yueyan):
    assert Visit.objects.filter(day__year=2025, client__isnull=False).count() == pytest.approx(12_850, rel=0.01)
    assert set(VisitLine.objects.values_list("kind", flat=True).distinct()) == {"service", "product", "card_sale"}
    assert ClientTier.objects.filter(valid_from=date(2025, 7, 1)).exists()


def test_the_second_chain_is_there_with_its_own_cities(maple):
    assert (maple.currency, maple.country, maple.language) == ("CAD", "CA", "en")
    report = m1("city_tier")
    assert set(rates(report)) == {"Metropolis", "Regional"}
    assert report.total.value == pytest.approx(0.41, abs=0.02)
    assert Store.objects.get(code="VAN-KI").time_zone == "America/Vancouver"


def test_everyone_can_sign_in_and_managers_see_their_store(built):
    for chain, demo in zip(built["chains"], DEMO_CHAINS, strict=True):
        assert chain["domain"] == f"{chain['schema']}.localhost"
        assert [login["role"] for login in chain["logins"]] == ["owner", "hq", "store_manager", "store_manager"]
        with tenant_context(Chain.objects.get(schema_name=chain["schema"])):
            for login, known in zip(chain["logins"], demo.logins, strict=True):
                user = User.objects.get(email=login["email"])
                assert user.role == login["role"]
                assert user.check_password(PASSWORD)
                assert login["password"] == PASSWORD
                if known.stores:
                    assert [store.code for store in visible_stores(user)] == list(known.stores)


def test_built_again_it_is_there_at_once_and_unchanged(built):
    again, told = build_demo()
    assert again == built
    assert told == ""


def test_a_run_broken_off_is_made_good_by_the_next(make_committed_chain, monkeypatch):
    told: list[str] = []
    demo = DEMO_CHAINS[1]
    with tenant_context(make_committed_chain()):
        monkeypatch.setattr("deploy.development.demo.loading.import_file", _broken_off("visits-2025.csv"))
        with pytest.raises(KeyboardInterrupt):
            fill(demo, told.append)
        assert Visit.objects.exists()
        assert not User.objects.exists()
        monkeypatch.undo()
        fill(demo, told.append)
        assert Visit.objects.filter(day__year=2025).exists()
        assert Store.objects.count() == 6
        assert User.objects.count() == 4


def _broken_off(name: str) -> Callable[..., Any]:
    from core.imports.services.imports import import_file

    def run(**options: Any) -> Any:
        if options["source"].name == name:
            raise KeyboardInterrupt
        return import_file(**options)

    return run


def test_a_chain_with_other_stores_is_left_alone(make_committed_chain):
    with tenant_context(make_committed_chain()):
        Store.objects.create(code="OWN", name="Our own")
        with pytest.raises(AppError, match=r"maple has stores that are not the demo's, such as OWN"):
            fill(DEMO_CHAINS[1], print)
        assert Store.objects.count() == 1
        assert not User.objects.exists()
