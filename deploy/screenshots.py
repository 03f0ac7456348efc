"""Renew the screenshots of the public pages from the demo: `make demo`, then `python deploy/screenshots.py`.

Each is taken of the real product, in both languages and both themes, as WebP, by an installed Chromium.
"""

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHECKOUT = Path(__file__).resolve().parents[1]
SHOTS = CHECKOUT / "tenants" / "site" / "static" / "site" / "shots"
HOME = Path(os.environ.get("REVISIT_HOME", CHECKOUT / "var"))
CHROMIUM = next(filter(Path.exists, map(Path, ("/usr/bin/chromium", "/usr/bin/chromium-browser"))), None)
QUALITY = 82
YEAR = "from=2025-01-01&to=2026-01-01"
# Which demo chain is shown in which language, and one of its stores.
CHAINS = {"en": ("maple", "VAN-KI"), "zh-hans": ("yueyan", "SHJA")}
# Name, path, what the page is scrolled to (its sidebar is then cut off; None: the page as it opens), the window's size.
VIEWS: tuple[tuple[str, str, str | None, tuple[int, int]], ...] = (
    ("overview", "/repurchase/?{year}", None, (1200, 780)),
    ("fair", "/repurchase/?{year}&by=store", ".card:has(.chart)", (1080, 600)),
    ("clients", "/repurchase/clients/?{year}&by=store", "h1", (1080, 600)),
    ("phone", "/stores/{store}/?{year}", None, (390, 780)),
)


def main() -> int:
    if CHROMIUM is None:
        sys.stderr.write("No Chromium is installed here.\n")
        return 1
    SHOTS.mkdir(parents=True, exist_ok=True)
    chains = {chain["schema"]: chain for chain in json.loads((HOME / "demo.json").read_text())["chains"]}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for language, (schema, store) in CHAINS.items():
            for theme in ("light", "dark"):
                take(browser, chains[schema], store, language, theme)
        browser.close()
    return 0


def take(browser: Browser, chain: dict[str, Any], store: str, language: str, theme: Any) -> None:
    context = browser.new_context(color_scheme=theme, device_scale_factor=2)
    page = context.new_page()
    login = chain["logins"][0]
    url = chain["url"].rstrip("/")
    page.goto(f"{url}/sign-in/")
    page.fill("[name=login]", login["email"])
    page.fill("[name=password]", login["password"])
    page.click("main button.primary")
    page.wait_for_load_state("networkidle")
    for name, path, element, (width, height) in VIEWS:
        page.set_viewport_size({"width": width, "height": height})
        page.goto(url + path.format(year=YEAR, store=store))
        page.wait_for_load_state("networkidle")
        if element is not None:
            page.locator(element).first.evaluate("found => scrollTo(0, found.offsetTop - 20)")
            page.wait_for_load_state("networkidle")
        target = SHOTS / f"{name}-{language}-{theme}.webp"
        target.write_bytes(captured(page, left=0 if element is None else 216))
        sys.stdout.write(f"{target.relative_to(CHECKOUT)}: {target.stat().st_size // 1024} kB\n")
    context.close()


def captured(page: Page, *, left: int) -> bytes:
    """Playwright itself writes no WebP; the browser does."""
    size = page.viewport_size or {"width": 0, "height": 0}
    top = page.evaluate("scrollY")
    clip = {"x": left, "y": top, "width": size["width"] - left, "height": size["height"], "scale": 1}
    session = page.context.new_cdp_session(page)
    answer = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY, "clip": clip})
    return base64.b64decode(answer["data"])


if __name__ == "__main__":
    sys.exit(main())
