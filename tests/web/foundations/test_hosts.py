"""Which names and which callers are answered."""

from __future__ import annotations

import dataclasses

import pytest
from flask.testing import FlaskClient

from app import create_app
from marketplace.bootstrap import Services

WELL = [
    "localhost",
    "localhost:8000",
    "127.0.0.1",
    "127.0.0.1:1",
    "[::1]:8000",
    "jilin.example",
    "jilin.example.",
    "xn--55qx5d.example:443",
    "web_1:8000",
    "A-1.Example",
    f"{'a' * 63}.example",
]
BADLY = [
    "",
    " ",
    "a..b",
    ".a",
    "a b",
    "a b.example",
    " a.example",
    "-a.example",
    "a-.example",
    f"{'a' * 64}.example",
    ".".join(["abcdefg"] * 33),
    "a" * 5000,
    "a.example:99999",
    "a.example:x",
    "a.example:",
    "a.example:80:80",
    "[::1",
    "::1",
    "a/b",
    "a@b",
    "a.example,b.example",
    "a\\b",
    "<script>",
    "中文.example",
    "a%2eb",
    "a\tb",
]
PASSED_ON = [
    ("X-Forwarded-For", "192.0.2.1"),
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-Forwarded-For", "127.0.0.1, 127.0.0.1, 127.0.0.1"),
    ("X-Forwarded-For", ""),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Host", "localhost"),
    ("X-Forwarded-Port", "443"),
    ("X-Forwarded-Prefix", "/"),
    ("X-Forwarded-Server", "edge"),
    ("X-Forwarded", "for=127.0.0.1"),
    ("X-Real-IP", "127.0.0.1"),
    ("Forwarded", "for=127.0.0.1"),
    ("Via", "1.1 edge"),
]
PATHS = ["/", "/healthz", "/static/css/app.css", "/partner/v1/events", "/office/", "/nothing"]


def test_a_possible_host_is_answered(client: FlaskClient) -> None:
    for host in WELL:
        assert client.get("/healthz", headers={"Host": host}).status_code == 200, host


@pytest.mark.parametrize("path", PATHS)
def test_any_other_gets_a_plain_400_before_anything_else_looks(
    client: FlaskClient, path: str
) -> None:
    for host in BADLY:
        asked = {"HTTP_HOST": host}
        for answer in (
            client.get(path, environ_overrides=asked),
            client.post(path, environ_overrides=asked, data={"size": "150"}),
        ):
            assert answer.status_code == 400, host
            assert answer.content_type == "text/plain; charset=utf-8"
            assert answer.get_data(as_text=True).startswith("Bad Request: the Host header")
            assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/metrics", "/outbox"])
class TestThisMachineAlone:
    """Figures and messages are for who sits at this machine."""

    @pytest.fixture(params=[0, 1, 2])
    def behind(self, request: pytest.FixtureRequest, services: Services) -> FlaskClient:
        """The application behind so many trusted proxies."""
        settings = services.settings.model_copy(update={"trusted_proxies": request.param})
        app = create_app(services=dataclasses.replace(services, settings=settings))
        return app.test_client()

    def test_it_is_answered(self, behind: FlaskClient, path: str) -> None:
        for peer in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
            answer = behind.get(path, environ_overrides={"REMOTE_ADDR": peer})
            assert answer.status_code == 200, peer

    def test_a_proxy_is_not(self, behind: FlaskClient, path: str) -> None:
        for header, value in PASSED_ON:
            answer = behind.get(path, headers={header: value})
            assert answer.status_code in (403, 404), (header, value)

    def test_nor_is_another_machine(self, behind: FlaskClient, path: str) -> None:
        for peer in ("10.0.0.7", "192.0.2.1", "2001:db8::1", ""):
            for headers in ({"X-Forwarded-For": "127.0.0.1"}, {}):
                answer = behind.get(path, environ_overrides={"REMOTE_ADDR": peer}, headers=headers)
                assert answer.status_code in (403, 404), peer

    def test_nor_a_page_that_has_another_name_for_this_machine(
        self, behind: FlaskClient, path: str
    ) -> None:
        answer = behind.get(path, base_url="http://rebound.example:8000")
        assert answer.status_code in (403, 404)
