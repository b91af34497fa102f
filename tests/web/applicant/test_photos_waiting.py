"""What a request does with a photograph: it looks, keeps and owes; the worker does the work."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from catalog.effects import DevelopPhoto
from catalog.office.models import Document, Photo
from catalog.office.photos import photo_intake
from catalog.office.photos.photo_problems import PROBLEM_TEXTS
from catalog.states import FileState, PhotoProblem, PhotoState
from marketplace import tasks
from marketplace.bootstrap import Services
from marketplace.kernel.outbox import OutboxRow
from marketplace.web.protection import uploads
from tests.support.entering import PDF, Applicant, picture
from tests.support.staff import Browser


def give(person: Applicant, content: bytes = b"", *, expect: int = 303, **more: Any) -> str:
    """Send the form of the page that is open, and leave the worker asleep."""
    file = (io.BytesIO(content or picture()), "雪景.jpg")
    return person.again("photos", expect=expect, **{"photo": file, "alt_zh": "门前的雪景"} | more)


def rows(services: Services) -> list[Photo]:
    with services.database.read() as session:
        return list(session.scalars(sa.select(Photo).order_by(Photo.id)))


def blobs(services: Services) -> list[str]:
    return [path.name for path in (services.settings.state_dir / "blobs").glob("*/*")]


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was decoded; nothing, while only requests run."""
    found: list[str] = []
    open_image = Image.open

    def noted(*args: Any, **more: Any) -> Any:
        found.append("open")
        return open_image(*args, **more)

    monkeypatch.setattr(Image, "open", noted)
    return found


class TestRequest:
    def test_no_request_decodes_and_the_page_tells_how_far_it_is(
        self, person: Applicant, services: Services, decoded: list[str]
    ) -> None:
        for _ in range(8):
            person.browser.open(person.url("photos"))
            page = give(person)
        assert decoded == []
        assert "还有 8 张照片在处理" in page
        assert f'href="{person.url("photos")}"' in page
        assert {row.state for row in rows(services)} == {PhotoState.WAITING}
        with services.database.read() as session:
            owed = session.scalars(
                sa.select(OutboxRow.topic).where(OutboxRow.topic == DevelopPhoto.topic)
            ).all()
        assert len(owed) == 8
        assert "有照片还在处理" in person.browser.open(person.url("check"))
        tasks.sweep_outbox(services)
        assert len(decoded) == 8
        assert "还有" not in person.browser.open(person.url("photos"))
        assert {row.state for row in rows(services)} == {PhotoState.READY}

    def test_a_stale_form_is_refused_before_its_file_is_looked_at(
        self, person: Applicant, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person.browser.open(person.url("photos"))
        stale = person.browser.page
        give(person)
        kept = blobs(services)

        def never(*_: object, **__: object) -> None:
            raise AssertionError("looked at")

        monkeypatch.setattr(uploads, "content_of", never)
        person.browser.page = stale
        page = give(person, expect=409)
        assert "已经有人改过" in page
        assert blobs(services) == kept

    @pytest.mark.parametrize("step", ["photos", "licences/business", "proof"])
    def test_after_the_case_is_before_the_office_nothing_is_taken(
        self, person: Applicant, services: Services, step: str
    ) -> None:
        person.browser.open(person.url("photos"))
        version = re.search(r'name="version" value="(\d+)"', person.browser.page)
        assert version is not None
        person.send("withdraw")
        kept = blobs(services)
        file = (io.BytesIO(picture()), "a.jpg")
        for sent in (version[1], str(int(version[1]) + 1)):
            answer = person.browser.client.post(
                person.url(step),
                data={
                    "csrf_token": person.browser.token,
                    "version": sent,
                    "file": file,
                    "photo": (io.BytesIO(picture()), "a.jpg"),
                    "alt_zh": "门前的雪景",
                },
            )
            file = (io.BytesIO(picture()), "a.jpg")
            assert answer.status_code in (404, 409)
        assert blobs(services) == kept
        assert rows(services) == []

    def test_a_refused_form_keeps_no_file(self, person: Applicant, services: Services) -> None:
        person.licence("business", expires_on="2020-01-01", expect=422)
        person.licence("business", number="", expect=422)
        person.send("grades/a_level", value="", file=(io.BytesIO(PDF), "a.pdf"), expect=422)
        person.browser.open(person.url("photos"))
        give(person, alt_zh="IMG_1", expect=422)
        assert blobs(services) == []
        with services.database.read() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(Document)) == 0
        assert rows(services) == []

    def test_a_form_that_loses_the_race_keeps_no_file(
        self, person: Applicant, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody saves between the first look at the version and the one under lock."""
        monkeypatch.setattr(uploads, "refuse_overtaken", lambda _case: None)
        person.browser.open(person.url("photos"))
        give(person, version="99", expect=409)
        person.browser.open(person.url("licences/business"))
        person.again(
            "licences/business",
            number="1",
            issued_by="局",
            forever="1",
            version="99",
            file=(io.BytesIO(PDF), "a.pdf"),
            expect=409,
        )
        assert blobs(services) == []
        assert rows(services) == []

    def test_a_stale_form_keeps_what_was_typed(self, person: Applicant) -> None:
        person.browser.open(person.url("licences/business"))
        page = person.again(
            "licences/business",
            number="A-2027",
            issued_by="局",
            forever="1",
            version="99",
            file=(io.BytesIO(PDF), "a.pdf"),
            expect=409,
        )
        assert 'value="A-2027"' in page


class TestLimits:
    def test_an_account_that_sends_too_many_is_told_to_wait(
        self, person: Applicant, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(uploads, "OF_ACCOUNT", uploads.parse("2 per hour"))
        for expect in (303, 303, 429):
            person.browser.open(person.url("photos"))
            page = give(person, expect=expect)
        assert "试的次数太多了" in page
        assert len(rows(services)) == len(blobs(services)) == 2

    def test_an_address_has_a_limit_of_its_own(
        self, person: Applicant, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(uploads, "OF_ADDRESS", uploads.parse("1 per hour"))
        for expect in (303, 429):
            person.browser.open(person.url("photos"))
            give(person, expect=expect)
        assert len(rows(services)) == 1

    def test_what_an_account_keeps_is_limited_and_what_is_let_go_makes_room(
        self, person: Applicant, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        size = len(picture())
        monkeypatch.setattr(
            type(services.settings), "upload_quota_bytes", property(lambda _settings: 3 * size)
        )
        for expect in (303, 303, 303, 422):
            person.browser.open(person.url("photos"))
            page = give(person, expect=expect)
        assert "合计最多" in page
        assert len(rows(services)) == 3
        person.browser.open(person.url("licences/business"))
        scan = PDF + b"x" * size
        page = person.again(
            "licences/business",
            number="1",
            issued_by="局",
            forever="1",
            expect=422,
            file=(io.BytesIO(scan), "a.pdf"),
        )
        assert "合计最多" in page
        assert 'value="1"' in page

    def test_so_many_wait_at_a_time(
        self, person: Applicant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(photo_intake, "MOST_WAITING", 1)
        for expect in (303, 422):
            person.browser.open(person.url("photos"))
            page = give(person, expect=expect)
        assert "已有 12 张照片在处理" in page


class TestFailure:
    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (picture()[:900], PhotoProblem.SPOILT),
            (b"\xff\xd8\xff" + b"\0" * 400, PhotoProblem.NO_PICTURE),
        ],
    )
    def test_it_is_told_in_words_and_taken_out(
        self, person: Applicant, services: Services, content: bytes, problem: PhotoProblem
    ) -> None:
        person.browser.open(person.url("photos"))
        give(person, content)
        tasks.develop_photos(services)
        page = person.browser.open(person.url("photos"))
        assert PROBLEM_TEXTS[problem] in page
        assert "有照片没能处理好" in person.browser.open(person.url("check"))
        assert blobs(services) == []
        person.browser.open(person.url("photos"))
        person.again(f"photos/{rows(services)[0].id}/remove")
        assert person.case().document["photos"] == []


class TestChecked:
    def test_a_file_is_shown_to_nobody_before_it_is_found_harmless(
        self, person: Applicant, services: Services, office: Browser
    ) -> None:
        person.licence("business")
        with services.database.write() as session:
            row = session.scalars(sa.select(Document)).one()
            row.state = FileState.WAITING
        for browser, url in (
            (person.browser, f"/apply/documents/{row.id}"),
            (office, f"/office/documents/{row.id}/file"),
        ):
            assert "还在做安全检查" in browser.open(url, expect=409)
        page = office.open(f"/office/documents/{row.id}")
        assert "还在做安全检查" in page
        assert f"/office/documents/{row.id}/file" not in page
        with services.database.write() as session:
            session.get_one(Document, row.id).state = FileState.HARMFUL
        assert "没有通过安全检查" in person.browser.open(f"/apply/documents/{row.id}", expect=410)
        assert "没有通过安全检查" in office.open(f"/office/documents/{row.id}")
        assert "没有通过安全检查" in person.browser.open(person.url("licences"))
        assert "没有通过安全检查" in person.browser.open(person.url("check"))
