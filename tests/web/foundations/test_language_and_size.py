"""The reader's language and text size: asked for once, remembered, never a way out of the site."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from marketplace.kernel.money import money
from tests.web.traveller.visitor import Page

CHINESE = ["zh-CN", "zh_Hans_CN", "zh-Hant-TW,en;q=0.9", "en-US,zh;q=0.1", "ja", "*", ""]


class TestFirstVisit:
    @pytest.mark.parametrize("tags", CHINESE)
    def test_stays_chinese(self, client: FlaskClient, tags: str) -> None:
        answer = client.get("/", headers={"Accept-Language": tags})
        assert answer.status_code == 200
        assert answer.headers["Content-Language"] == "zh-CN"
        assert '<html lang="zh-CN"' in answer.get_data(as_text=True)

    @pytest.mark.parametrize("tags", ["en", "en-GB,en;q=0.8", "fr,en;q=0.5"])
    def test_leads_a_reader_of_english_to_the_english_home(
        self, client: FlaskClient, tags: str
    ) -> None:
        answer = client.get("/", headers={"Accept-Language": tags})
        assert (answer.status_code, answer.location) == (302, "/en/")
        english = client.get("/en/", headers={"Accept-Language": tags})
        assert english.headers["Content-Language"] == "en"

    def test_leads_nobody_away_from_any_other_page(self, client: FlaskClient) -> None:
        assert client.get("/help", headers={"Accept-Language": "en"}).status_code == 200


class TestChoice:
    def test_is_remembered_against_what_the_browser_says(self, client: FlaskClient) -> None:
        client.get("/?lang=zh", headers={"Accept-Language": "en"})
        assert client.get("/", headers={"Accept-Language": "en"}).status_code == 200
        client.get("/en/?lang=en")
        assert client.get("/", headers={"Accept-Language": "zh-CN"}).location == "/en/"

    def test_an_unknown_language_is_not_remembered(self, client: FlaskClient) -> None:
        assert "Set-Cookie" not in client.get("/help?lang=fr").headers

    def test_links_of_an_english_page_stay_english(self, client: FlaskClient) -> None:
        page = Page(client.get("/en/help"))
        own = [link for link in page.links if link.startswith("/") and "lang=zh" not in link]
        assert own
        assert [link for link in own if not link.startswith(("/en/", "/static/"))] == []

    def test_the_way_to_the_other_language_and_back_keeps_the_page(
        self, client: FlaskClient
    ) -> None:
        here = "/search?q=%E6%B8%A9%E6%B3%89&nights=30"
        for expected in ("en", "zh", "en"):
            page = Page(client.get(here))
            (here,) = [link for link in page.links if "lang=" in link and link.startswith("/")]
            asked = parse_qs(urlsplit(here).query)
            assert asked == {"q": ["温泉"], "nights": ["30"], "lang": [expected]}
            assert here.startswith("/en/search" if expected == "en" else "/search")
            client.get(here)
            cookie = client.get_cookie("lang")
            assert cookie is not None
            assert cookie.value == expected


class TestTextSize:
    @pytest.mark.parametrize("size", ["100", "120", "150"])
    def test_is_set_and_the_same_page_shown(self, client: FlaskClient, size: str) -> None:
        answer = client.get(f"/search?q=%E6%B8%A9%E6%B3%89&size={size}&nights=30")
        assert answer.status_code == 302
        assert answer.location == "/search?q=%E6%B8%A9%E6%B3%89&nights=30"
        assert f'data-size="{size}"' in client.get(answer.location).get_data(as_text=True)

    def test_of_an_english_page_leads_to_the_english_page(self, client: FlaskClient) -> None:
        assert client.get("/en/help?size=150").location == "/en/help"

    @pytest.mark.parametrize("size", ["", "99", "1500", "150;", "large", "％"])
    def test_an_unknown_one_is_ignored(self, client: FlaskClient, size: str) -> None:
        answer = client.get("/help", query_string={"size": size})
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        client.set_cookie("size", size or "x")
        assert 'data-size="100"' in client.get("/help").get_data(as_text=True)

    @pytest.mark.parametrize(
        "path",
        [
            "//evil.example",
            "/\\evil.example",
            "/%2Fevil.example",
            "/%5Cevil.example",
            "/en//evil.example",
            "///evil.example/x",
            "/a%0d%0aLocation:%20//evil.example",
            "/%3F//evil.example",
        ],
    )
    def test_it_never_leads_out_of_the_site(self, client: FlaskClient, path: str) -> None:
        # Given raw: a client would tidy the address up before sending it.
        raw = path.replace("%2F", "/").replace("%5C", "\\").replace("%0d%0a", "\r\n")
        environ = {"PATH_INFO": raw, "QUERY_STRING": "size=150&next=//evil.example"}
        answer = client.get("/", environ_overrides=environ)
        assert answer.status_code in (302, 308, 404)
        where = urlsplit(answer.location or "/")
        assert where.netloc in ("", "localhost")
        assert where.path.startswith("/")
        assert not (answer.location or "/").startswith(("//", "/\\"))
        assert "\n" not in (answer.location or "")

    def test_a_program_that_says_size_is_not_led_anywhere(self, client: FlaskClient) -> None:
        assert client.get("/healthz?size=150").status_code == 200
        assert client.get("/partner/v1/events?size=150").status_code == 401


def test_amounts_read_alike_in_both_languages() -> None:
    assert [money(fen) for fen in (0, 420_000, 420_050, 5, -90_000)] == [
        "¥0",
        "¥4,200",
        "¥4,200.50",
        "¥0.05",
        "-¥900",
    ]
