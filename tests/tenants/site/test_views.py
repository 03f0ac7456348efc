"""The public pages: there for everybody, in both languages, and light."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django import Settings

from tenants.site.operator import check_operator
from tests.plugins.salons import text_of

pytestmark = pytest.mark.django_db
PAGES = ("/", "/prices/", "/privacy/", "/terms/", "/sign-up/", "/sign-in/")
MOST_BYTES = 150_000


def visitor(language: str = "en") -> Client:
    return Client(headers={"host": "localhost", "accept-language": language})


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_light_without_its_screenshots(path: str, language: str) -> None:
    response = visitor(language).get(path)
    assert response.status_code == 200
    page = response.content.decode()
    files = set(re.findall(r'(?:src|href)="/static/([^"#]+)"', page))
    sizes = {name: Path(str(finders.find(name))).stat().st_size for name in files if not name.endswith(".webp")}
    assert len(sizes) >= 5
    assert len(response.content) + sum(sizes.values()) < MOST_BYTES, sizes


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_screenshots_of_the_home_page_are_there_in_both_themes_and_wait_to_be_seen(language: str) -> None:
    page = visitor(language).get("/").content.decode()
    shots = re.findall(r'(?:src|srcset)="/static/(site/shots/[^"]+)"', page)
    assert len(shots) == 8
    assert all(language in name for name in shots)
    for name in shots:
        found = finders.find(name)
        assert found is not None, name
        assert Path(str(found)).stat().st_size < 100_000
    assert page.count('loading="lazy"') == 3
    assert len(re.findall(r'<img\s[^>]*alt="[^"]{10,}"', page)) == 4


def test_a_page_asks_nobody_elsewhere() -> None:
    for path in PAGES:
        assert not re.search(r'(?:src|href|srcset)="(?:https?:)?//', visitor().get(path).content.decode())


@pytest.mark.parametrize("path", ["/", "/prices/", "/privacy/", "/terms/"])
def test_nothing_is_posted_to_them(path: str) -> None:
    assert visitor().post(path).status_code == 405


def test_the_language_can_be_chosen_and_is_kept() -> None:
    browser = visitor()
    assert "See prices" in text_of(browser.get("/"))
    browser.post("/language/", {"language": "zh-hans", "next": "/prices/"})
    assert "查看价格" in text_of(browser.get("/"))
    assert browser.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"


@pytest.mark.parametrize("path", ["/", "/privacy/", "/terms/"])
def test_pages_name_whoever_runs_this_and_nobody_else(path: str, settings: Settings) -> None:
    assert "mailto:" not in visitor().get(path).content.decode()
    assert [warning.id for warning in check_operator()] == ["site.W001"]
    settings.PLATFORM_OPERATOR_NAME = "Harbour <Software> Ltd"
    settings.PLATFORM_OPERATOR_ADDRESS = "1 Quay, Bristol"
    settings.PLATFORM_OPERATOR_EMAIL = "privacy@harbour.test"
    said = text_of(visitor().get(path))
    assert "Harbour <Software> Ltd" in said
    assert "1 Quay, Bristol" in said
    assert "privacy@harbour.test" in said
    assert "has not given a name" not in said
    assert check_operator() == []


def test_privacy_says_what_is_set(settings: Settings) -> None:
    settings.KEEP_FILES_DAYS, settings.BACKUP_KEPT_DAYS, settings.STRIPE_SECRET_KEY = 11, 77, ""
    said = text_of(visitor().get("/privacy/"))
    assert "deleted after 11 days" in said
    assert "for up to 77 days more" in said
    assert "Stripe" not in said
    settings.STRIPE_SECRET_KEY = "sk_test_1"
    assert "Stripe" in text_of(visitor().get("/privacy/"))
