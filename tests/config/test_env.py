import pytest

from config.env import env


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("whsec_new,whsec_old", ["whsec_new", "whsec_old"]),
        ("whsec_new, whsec_old ,", ["whsec_new", "whsec_old"]),
        ("", []),
    ],
)
def test_a_list_is_parted_by_commas(monkeypatch: pytest.MonkeyPatch, written: str, read: list[str]) -> None:
    monkeypatch.setenv("SOME_LIST", written)
    assert env.list("SOME_LIST", default=["x"]) == read


def test_a_list_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_LIST", raising=False)
    assert env.list("SOME_LIST", default=["x"]) == ["x"]
