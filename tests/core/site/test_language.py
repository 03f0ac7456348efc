"""The language of a request."""

from tests.plugins.chains import ChainClient


def test_the_language_of_a_stranger_is_kept_in_a_cookie(anonymous_client: ChainClient) -> None:
    assert 'lang="zh-hans"' in anonymous_client.get("/sign-in/").content.decode()
    anonymous_client.post("/language/", {"language": "en", "next": "/sign-in/"})
    assert 'lang="en"' in anonymous_client.get("/sign-in/").content.decode()
