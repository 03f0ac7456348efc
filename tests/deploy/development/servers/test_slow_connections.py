"""A whole site as `revisit serve` starts it, while slow clients hold two hundred connections of every kind."""

import http.client
import re
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.attacks.slow_connections import KINDS, slow_connections
from tests.deploy.development.servers.test_serve import serving
from tests.deploy.development.servers.test_site import free_port
from tests.plugins.homes import Revisit

HOST, HOG = "busy.localhost", "hog.localhost"
# Their bodies are of no length, or of too many bytes: nobody waits for them.
REFUSED_AT_ONCE = {"large form", "chunks"}
SIGN_IN = """
from django.test import Client
from django_tenants.utils import tenant_context
from core.accounts.models import User
from tenants.models import Chain
for schema in ("busy", "hog"):
    with tenant_context(Chain.objects.get(schema_name=schema)):
        client = Client(headers={"host": f"{schema}.localhost"})
        client.force_login(User.objects.get())
        print(client.cookies["sessionid"].value)
"""
ROWS = b"client_ref,started_at,amount\n" + b"".join(b"C%06d,2025-03-04,100\n" % number for number in range(50_000))


class Visitor:
    """Someone signed in, with a client that waits ten seconds and no longer."""

    def __init__(self, port: int, session: str) -> None:
        self.port = port
        self.cookies = {"sessionid": session}

    def ask(self, method: str, path: str, body: bytes = b"", pieces: int = 1, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.putrequest(method, path, skip_host=True)
        for name, value in {"Host": f"{HOST}:{self.port}", "Cookie": cookies, **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        step = -(-len(body) // pieces) or 1
        for start in range(0, len(body), step):
            connection.send(body[start : start + step])
            time.sleep(0.02)
        response = connection.getresponse()
        for name, value in re.findall(r"(\w+)=([^;]+)", response.getheader("Set-Cookie", "")):
            self.cookies |= {name: value} if name == "csrftoken" else {}
        text = response.read().decode()
        connection.close()
        return response.status, text

    def upload(self, content: bytes) -> tuple[int, str]:
        """As a browser on a slow line does."""
        _status, page = self.ask("GET", "/imports/new/")
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]
        parts = [
            b'--B\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n' + token.encode(),
            b'--B\r\nContent-Disposition: form-data; name="kind"\r\n\r\nvisits',
            b'--B\r\nContent-Disposition: form-data; name="file"; filename="v.csv"\r\n\r\n' + content,
            b"--B--\r\n",
        ]
        content_type = "multipart/form-data; boundary=B"
        return self.ask("POST", "/imports/new/", b"\r\n".join(parts), pieces=50, Content_Type=content_type)


def two_sessions(revisit: Revisit) -> list[str]:
    """Of someone who works and of someone who attacks."""
    for schema in ("busy", "hog"):
        made = revisit("create_chain", "--schema", schema, "--name", schema, "--owner-email", "hq@x.test", "--json")
        assert made.returncode == 0, made.stderr
    said = revisit("shell", "--no-imports", "--command", SIGN_IN)
    assert said.returncode == 0, said.stderr
    return said.stdout.split()[-2:]


@pytest.mark.slow
def test_the_site_answers_beside_two_hundred_slow_connections_of_each_kind(
    furnished_home: Path, bare_environment: Mapping[str, str], revisit: Revisit
) -> None:
    port = free_port()
    with serving(furnished_home, port, bare_environment):
        session, hogs = two_sessions(revisit)
        visitor, cookie = Visitor(port, session), f"sessionid={hogs}; csrftoken={'a' * 32}"
        assert visitor.ask("GET", "/imports/")[0] == 200
        for kinds in [*([kind] for kind in KINDS), list(KINDS)]:
            with slow_connections(("127.0.0.1", port), f"{HOG}:{port}", kinds, cookie=cookie) as slow:
                time.sleep(1)
                assert slow.held > 0 or kinds[0] in REFUSED_AT_ONCE, kinds
                assert visitor.ask("GET", "/healthz") == (200, "ok\n"), kinds
                assert visitor.ask("GET", "/imports/")[0] == 200, kinds
                if len(kinds) > 1:
                    assert visitor.upload(ROWS)[0] == 302
        # Nobody asks for the body of a form of ten gigabytes.
        refused = visitor.ask("POST", "/sign-in/", b"x" * 2_000_000, Content_Type="multipart/form-data; boundary=B")
        assert refused[0] == 413
