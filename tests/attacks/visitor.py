"""A person at a browser: keeps cookies, sends forms with their token, follows no redirect."""

import http.client
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]{1,100})"')


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    location: str
    seconds: float


@dataclass
class Visitor:
    """Of one chain's site; `url` is the chain's address as demo.json has it."""

    url: str
    timeout: float = 60
    # Where it comes from, of this machine's many addresses: limits are counted by address.
    source: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, form: Mapping[str, str], *, page: str = "") -> Answer:
        """`page` is where the form stands, if not at the path itself."""
        fields = {**form, "csrfmiddlewaretoken": self._token(page or path)}
        return self._ask("POST", path, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def upload(self, path: str, form: Mapping[str, str], *, name: str, content: bytes) -> Answer:
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {**form, "csrfmiddlewaretoken": self._token(path)}.items()
        ]
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        head += "Content-Type: application/octet-stream\r\n\r\n"
        body = b"".join([*parts, head.encode(), content, f"\r\n--{boundary}--\r\n".encode()])
        return self._ask("POST", path, body, f"multipart/form-data; boundary={boundary}")

    def sign_in(self, email: str, password: str) -> Answer:
        return self.post("/sign-in/", {"login": email, "password": password})

    def _token(self, page: str) -> str:
        found = _TOKEN.search(self.get(page).text)
        if found is None:
            raise LookupError(f"no form at {page}")
        return found[1]

    def _ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(
            "127.0.0.1", place.port or 80, timeout=self.timeout, source_address=(self.source, 0)
        )
        headers = {"Host": place.netloc, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if kind:
            headers["Content-Type"] = kind
        began = time.perf_counter()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        finally:
            connection.close()
        seconds = time.perf_counter() - began
        for line in response.headers.get_all("Set-Cookie") or ():
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(line).items()})
        return Answer(response.status, text, response.headers.get("Location", ""), seconds)


def as_proposed(page: str) -> dict[str, str]:
    """The form of a file's columns, as it stands there."""
    form = {"date_format": "auto"}
    for name, choices in re.findall(r'<select[^>]*\bname="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', choices)
        form[name] = chosen[1] if chosen else ""
    return form
