"""No log line holds the key of a link."""

import io
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.log import configure_logging
from gunicorn.config import Config  # type: ignore[import-untyped]

from config import gunicorn
from config.access_log import AccessLogger
from core.accounts import confirmation
from core.accounts.models import User
from core.accounts.rights import Role
from core.shared.secret_links import SecretLinkFilter, masked, secret_prefixes
from core.team.services.invitations import invite
from core.team.services.members import Scope
from tests.plugins.chains import ChainClient, make_user

KEY = "c6pq3k-8f0e2b:1vT9Zk"
URLCONFS = (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF, settings.CONSOLE_URLCONF)
# Parameters that name something to people, or a row: whoever knows one can do no more than before.
NO_SECRETS = frozenset(
    """
    category_id service_id staff_id contact_id first_id second_id
    action app_label city_id claim_id client_id code content_type_id domain_id event_id export_id chain_id invoice_id
    job_id kind merge_id metric metric_code month object_id operator_id profile_id record_id run_id uidb36 upload_id
    group_id url user_id work_id
    """.split()  # noqa: SIM905
)


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern.regex.pattern).lstrip("^")
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from routes(entry, route)


@pytest.mark.parametrize("urlconf", URLCONFS)
def test_each_parameter_of_each_route_is_masked_or_known_to_be_no_secret(urlconf: str) -> None:
    """A new route with a key in its path is masked by the parameter's name, or has to be looked at here."""
    for route in routes(get_resolver(urlconf)):
        for name in set(re.findall(r"\(\?P<(\w+)>", route)) - NO_SECRETS:
            before = re.sub(r"\\(.)", r"\1", route.partition(f"(?P<{name}>")[0])
            path = "/" + re.sub(r"\(\?P<\w+>[^)]*\)", "1", before) + KEY
            assert KEY not in masked(path), (route, name)


def test_the_prefixes_are_whole_steps_of_a_path() -> None:
    """So that no other page disappears from the logs with them."""
    assert secret_prefixes() == ("account/email/confirm/", "account/password/new/", "team/join/")


@pytest.mark.parametrize(
    "text",
    [
        f"/team/join/{KEY}/",
        f"//team//join/{KEY}",
        f"/TEAM/join/{KEY}/more",
        f"/account/password/new/1-{KEY}/",
        f"/account/password/new/{KEY}",
        f"https://acme.example.com/account/email/confirm/{KEY}/?next=/",
        f"GET /team/join/{KEY}/ HTTP/1.1",
        f"/sign-in/?next=%2Fteam%2Fjoin%2F{KEY}%2F",
        f"/welcome/?ticket={KEY}",
        f"/operator/enter/?a=1&ticket={KEY}&b=2",
        f"/confirm-email/?token={KEY}",
        f"ticket={KEY}",
    ],
)
def test_a_key_is_masked_wherever_it_stands(text: str) -> None:
    assert KEY not in masked(text)
    assert "***" in masked(text)


@pytest.mark.parametrize("text", ["/team/12/", "/team/joiners/", "/stores/S001/?monkey=1", "/imports/?tokens=3", ""])
def test_other_paths_stay_readable(text: str) -> None:
    assert masked(text) == text


def request_environ(path: str, query: str = "") -> dict[str, str]:
    return {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"{path}?{query}",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": f"https://acme.example.com{path}",
    }


class Answer:
    status, sent, headers = "200 OK", 10, ()


@pytest.mark.parametrize("line", [gunicorn.access_log_format, '%(r)s %(U)s %(q)s "%(f)s" %({raw_uri}e)s'])
def test_the_access_log_has_no_key(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    config = Config()
    config.set("accesslog", "-")
    config.set("access_log_format", line)
    log = AccessLogger(config)
    environ = request_environ(f"/team/join/{KEY}/", f"token={KEY}")
    log.access(Answer(), [("host", "acme.localhost")], environ, timedelta(seconds=1))
    log.error("Error handling request %s", f"/account/password/new/1-{KEY}/")
    written = "".join(capsys.readouterr())
    assert "/team/join/***" in written
    assert "/account/password/new/***" in written
    assert KEY not in written


def test_gunicorn_uses_it() -> None:
    config = Config()
    config.set("logger_class", gunicorn.logger_class)
    assert config.logger_class is AccessLogger


@pytest.fixture
def lines() -> Iterator[Any]:
    """What the settings' own logging writes to standard error."""
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in settings.LOGGING["loggers"]}
    configure_logging("logging.config.dictConfig", settings.LOGGING)
    (handler,) = (one for one in root.handlers if isinstance(one, logging.StreamHandler))
    handler.setStream(stream)
    logging.getLogger("django.request").setLevel(logging.INFO)
    yield stream.getvalue
    root.handlers, root.level = before[0], before[1]
    for name, level in before[2].items():
        logging.getLogger(name).setLevel(level)


def test_what_django_logs_has_no_key(anonymous_client: ChainClient, lines: Any) -> None:
    anonymous_client.get(f"/team/join/{KEY}")
    anonymous_client.get(f"/team/join/{KEY}/more/")
    anonymous_client.post(f"/team/join/{KEY}/")
    logging.getLogger("django.server").info('"%s" %s', f"GET /confirm-email/?token={KEY} HTTP/1.1", 200)
    assert lines().count("***") >= 3
    assert KEY not in lines()


def test_a_traceback_has_no_key(lines: Any) -> None:
    try:
        int(f"/team/join/{KEY}/")
    except ValueError:
        logging.getLogger("any").exception("It failed")
    assert "ValueError: invalid literal for int() with base 10: '/team/join/***'" in lines()
    assert KEY not in lines()


def test_a_line_whose_arguments_do_not_fit_is_left_to_the_handler() -> None:
    record = logging.LogRecord("any", logging.INFO, "any.py", 1, "%d", ("no number",), None)
    assert SecretLinkFilter().filter(record)
    assert record.args == ("no number",)


def test_every_handler_of_the_settings_masks() -> None:
    assert all("secret_links" in handler["filters"] for handler in settings.LOGGING["handlers"].values())
    assert settings.LOGGING["filters"]["secret_links"]["()"].endswith(SecretLinkFilter.__name__)


def links_in(letter: Any) -> list[str]:
    return re.findall(r"http://[^/\s]+(/\S+)", str(letter.body))


@pytest.fixture
def links_by_flow(hq_user: User, anonymous_client: ChainClient) -> dict[str, str]:
    owner = make_user("owner@acme.test", role=Role.OWNER)
    owner.email_confirmed_at = None
    owner.save()
    invite(acting_user=owner, email="new@acme.test", name="", role=Role.HQ, scope=Scope())
    invitation = links_in(mail.outbox[-1])[0]
    confirmation.send_confirmation(owner)
    confirm = links_in(mail.outbox[-1])[0]
    anonymous_client.post("/account/password/forgotten/", {"email": hq_user.email})
    return {"invitation": invitation, "confirmation": confirm, "reset": links_in(mail.outbox[-1])[0]}


@pytest.mark.parametrize("flow", ["invitation", "confirmation", "reset"])
def test_no_page_has_a_key_in_its_address(
    anonymous_client: ChainClient, links_by_flow: dict[str, str], flow: str
) -> None:
    """A page's address goes out as the Referer of all it loads, and stands in the logs of proxies."""
    link = links_by_flow[flow]
    assert masked(link) != link
    key = re.split(r"=|/", link.rstrip("/"))[-1]
    page = anonymous_client.get(link, follow=True)
    assert page.status_code == 200
    assert len(page.redirect_chain) == 1
    address = page.request["PATH_INFO"] + page.request["QUERY_STRING"]
    assert key not in address
    # The form leads to no address with the key either.
    assert all(key not in action for action in re.findall(r'action="([^"]*)"', page.content.decode()))
