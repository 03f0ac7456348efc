"""The frame of all pages, and escaping. No script, no foreign resource."""

from html import escape
from pathlib import Path
from urllib.parse import parse_qsl

from deploy.development.standin.api import Reply
from deploy.development.standin.chinese import language, t
from deploy.development.standin.object_fields import Json

CSS = (Path(__file__).parent / "standin.css").read_bytes()
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
_NOTICE = "Test page: a stand-in for Stripe on this machine. No money moves."


def e(value: object) -> str:
    return escape("" if value is None else str(value))


def page(title: str, body: str, *, status: int = 200, wide: bool = False) -> Reply:
    shell = "wide" if wide else "narrow"
    text = (
        f'<!doctype html><html lang="{language.get()}"><head><meta charset="utf-8"><title>{e(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<link rel="stylesheet" href="/standin.css"></head><body><header class="notice">{t(_NOTICE)}</header>'
        f'<main class="{shell}"><h1>{e(title)}</h1>{body}</main></body></html>'
    )
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Reply(status, text.encode(), "text/html; charset=utf-8", headers)


def redirect(place: str) -> Reply:
    return Reply(303, b"", "text/plain", {"Location": place})


def form_of(body: str) -> dict[str, str]:
    return dict(parse_qsl(body, keep_blank_values=True))


def field(name: str, label: str, value: object = "", *, hint: str = "", auto: str = "off", needed: bool = False) -> str:
    more = f'<small id="{name}-hint">{e(t(hint))}</small>' if hint else ""
    described = f' aria-describedby="{name}-hint"' if hint else ""
    return (
        f'<label for="{name}">{e(t(label))}</label><input id="{name}" name="{name}" value="{e(value)}"'
        f' autocomplete="{auto}"{described}{" required" if needed else ""}>{more}'
    )


def select(name: str, label: str, choices: list[tuple[str, str]], chosen: str) -> str:
    options = "".join(
        f'<option value="{e(value)}"{" selected" if value == chosen else ""}>{e(t(text))}</option>'
        for value, text in choices
    )
    return f'<label for="{name}">{e(t(label))}</label><select id="{name}" name="{name}">{options}</select>'


def button(text: str, action: str, *, quiet: bool = False, where: str = "") -> str:
    target = f' formaction="{e(where)}"' if where else ""
    return f'<button name="action" value="{e(action)}"{" class=quiet" if quiet else ""}{target}>{e(t(text))}</button>'


def problem(text: str) -> str:
    return f'<p class="problem" role="alert">{e(t(text))}</p>' if text else ""


COUNTRIES = [
    ("CN", "China"),
    ("HK", "Hong Kong"),
    ("TW", "Taiwan"),
    ("SG", "Singapore"),
    ("US", "United States"),
    ("GB", "United Kingdom"),
    ("DE", "Germany"),
    ("FR", "France"),
    ("AT", "Austria"),
    ("CA", "Canada"),
    ("AU", "Australia"),
    ("JP", "Japan"),
]


def address_fields(address: Json | None) -> str:
    found = address or {}
    return (
        select("country", "Country", COUNTRIES, found.get("country") or "CN")
        + field("line1", "Address", found.get("line1"), auto="address-line1")
        + field("city", "City", found.get("city"), auto="address-level2")
        + field("state", "Province or state", found.get("state"), auto="address-level1")
        + field("postal_code", "Postal code", found.get("postal_code"), auto="postal-code")
    )


def address_of(form: dict[str, str]) -> Json:
    names = ("city", "country", "line1", "line2", "postal_code", "state")
    return {name: form.get(name) or None for name in names}


def tax_fields(kinds: list[str], kind: str = "", value: str = "") -> str:
    choices = [(one, one.replace("_", " ").upper()) for one in kinds]
    return select("tax_type", "Kind of tax id", choices, kind or "cn_tin") + field(
        "tax_id", "Tax id", value, hint="Leave it empty for none."
    )
