"""The public pages: there for everybody, in both languages, and light."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from tests.plugins.salons import text_of

pytestmark = pytest.mark.django_db
PAGES = ("/", "/prices/", "/sign-up/", "/sign-in/")
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
    assert len(re.findall(r'<img [^>]*alt="[^"]{10,}"', page)) == 4


def test_a_page_asks_nobody_elsewhere() -> None:
    for path in PAGES:
        assert not re.search(r'(?:src|href|srcset)="(?:https?:)?//', visitor().get(path).content.decode())


@pytest.mark.parametrize("path", ["/", "/prices/"])
def test_nothing_is_posted_to_them(path: str) -> None:
    assert visitor().post(path).status_code == 405


def test_the_language_can_be_chosen_and_is_kept() -> None:
    browser = visitor()
    assert "See prices" in text_of(browser.get("/"))
    browser.post("/language/", {"language": "zh-hans", "next": "/prices/"})
    assert "查看价格" in text_of(browser.get("/"))
    assert browser.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
