import pytest
from django.test import RequestFactory
from pytest_django import Settings

from core.shared.network import client_address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "192.0.2.1"),
        (0, "203.0.113.9", "192.0.2.1"),
        (1, None, "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "10.6.6.6, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, " , ", "192.0.2.1"),
    ],
)
def test_nobody_chooses_the_own_address(settings: Settings, proxies: int, forwarded: str | None, address: str) -> None:
    settings.PROXIES = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded is not None else {}
    assert client_address(RequestFactory(headers=headers, REMOTE_ADDR="192.0.2.1").get("/")) == address
