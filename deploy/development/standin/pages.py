"""Which page an address shows."""

import re

from deploy.development.standin import checkout_page, dashboard, invoice_page, portal_page
from deploy.development.standin.api import Reply
from deploy.development.standin.chinese import choose
from deploy.development.standin.errors import ApiError
from deploy.development.standin.markup import CSS, page
from deploy.development.standin.state import State

_PAGES = (
    (re.compile(r"/c/pay/(cs_test_\w+)(?:/(authentication))?"), checkout_page.answer),
    (re.compile(r"/p/session/(bps_\w+)()"), portal_page.answer),
    (re.compile(r"/i/(in_\w+)(?:/(pdf))?"), invoice_page.answer),
)


def answer(state: State, site: str, method: str, path: str, body: str, *, accepts: str = "") -> Reply:
    if path == "/standin.css":
        return Reply(200, CSS, "text/css")
    if path == "/favicon.ico":
        return Reply(204, b"", "image/x-icon")
    choose(accepts)
    with state.lock:
        try:
            reply = _answer(state, site, method, path, body)
        except ApiError as error:
            state.rollback()
            return page("Not found", f"<p>{error}</p>", status=error.status)
        except BaseException:
            state.rollback()
            raise
        state.commit()
    return reply


def _answer(state: State, site: str, method: str, path: str, body: str) -> Reply:
    if path == "/":
        return dashboard.answer(state, site, method, body)
    for pattern, show in _PAGES:
        match = pattern.fullmatch(path)
        if match:
            found, part = match.groups()
            return show(state, site, method, found, part or "", body)
    return page("Not found", "<p>There is no such page here.</p>", status=404)
