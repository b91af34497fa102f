"""What completes the words that are being typed: short, quick, and of this page's language."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from catalog.vocabulary import Theme
from marketplace.bootstrap import Services
from marketplace.web.protection import limits
from tests.factories import Room
from tests.web.traveller.looking import index_all, more_listings, names
from tests.web.traveller.visitor import Visitor


@pytest.fixture
def indexed(services: Services, loaded: Room) -> None:
    """Something to find, in the index."""
    more_listings(
        services, 1, name_zh="桦树温泉长住", name_en="Birch Spring", theme=Theme.HOT_SPRING
    )
    index_all(services)


@pytest.mark.usefixtures("indexed")
class TestCompletion:
    def test_names_what_can_be_found_and_how_often(
        self, client: FlaskClient, visitor: Visitor
    ) -> None:
        answer = client.get("/search/words?q=桦树")
        assert answer.status_code == 200
        assert answer.content_type == "application/json"
        one = next(one for one in answer.json if one["text"] == "桦树温泉长住")
        assert one.keys() == {"text", "lang", "what", "count", "url"}
        assert (one["lang"], one["what"], one["count"]) == ("zh-CN", "name", 1)
        assert len(names(visitor.open(one["url"]))) == 1

    @pytest.mark.parametrize("typed", ["huashu", "hswq"])
    def test_of_pinyin_and_initials(self, client: FlaskClient, typed: str) -> None:
        found = client.get(f"/search/words?q={typed}").json
        assert "桦树温泉长住" in [one["text"] for one in found]

    def test_prefers_the_language_of_the_page(self, client: FlaskClient) -> None:
        found = client.get("/en/search/words?q=bir").json
        assert (found[0]["text"], found[0]["lang"]) == ("Birch Spring", "en")
        assert found[0]["url"].startswith("/en/search?q=")

    def test_is_kept_by_its_reader_for_a_short_while(self, client: FlaskClient) -> None:
        assert client.get("/search/words?q=温").headers["Cache-Control"] == "private, max-age=60"

    @pytest.mark.parametrize("typed", ["", "  ", "🙂", "%01", "。", "*", "zzzzqq", "'--"])
    def test_of_what_is_no_beginning_is_empty(self, client: FlaskClient, typed: str) -> None:
        answer = client.get(f"/search/words?q={typed}")
        assert (answer.status_code, answer.json) == (200, [])

    def test_of_something_overlong_looks_at_its_beginning(
        self, client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[str] = []

        def complete(_words: object, typed: str, **_more: object) -> list[object]:
            seen.append(typed)
            return []

        monkeypatch.setattr(type(services.words), "complete", complete)
        assert client.get(f"/search/words?q={'温' * 500}").status_code == 200
        assert seen == ["温" * 60]

    def test_has_a_limit_of_its_own(
        self, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "SEARCH", limits.parse("1 per minute"))
        monkeypatch.setattr(limits, "COMPLETE", limits.parse("3 per minute"))
        answers = [client.get("/search/words?q=温") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].content_type == "application/problem+json"
        assert client.get("/search").status_code == 200


def test_before_there_is_an_index_there_is_nothing_to_say(client: FlaskClient) -> None:
    assert client.get("/search/words?q=温泉").json == []
