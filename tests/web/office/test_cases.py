"""Review through the pages: the queue, one case with its comparison, and the decision's forms."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from catalog.models import Enterprise
from catalog.office.cases.case_lifecycle import StaleForm
from catalog.office.cases.decisions import FactsMoved
from catalog.office.models import Document, ReviewCase
from catalog.states import CaseStatus
from marketplace.bootstrap import Services
from marketplace.notify.models import Audience, Message
from tests.support.review import CONTACT, Counter
from tests.support.staff import Browser, House
from tests.support.uploading import give_document

PDF = b"%PDF-1.4\n%%EOF"
SCRIPT = b"\x89PNG\r\n\x1a\n<script>alert(1)</script>"


def url(case_id: int) -> str:
    return f"/office/cases/{case_id}"


def version(counter: Counter, case_id: int) -> int:
    return counter.case(case_id).version


class TestQueue:
    def test_what_waits_stands_in_the_menu_and_moves_from_shelf_to_shelf(
        self, clerk: Browser, counter: Counter
    ) -> None:
        assert "这里没有申请" in clerk.open("/office/cases")
        case_id = counter.bring_to(CaseStatus.APPLIED)
        page = clerk.open("/office/cases")
        assert url(case_id) in page
        assert "件等着办" in page
        assert url(case_id) not in clerk.open("/office/cases?kind=listing")
        assert url(case_id) in clerk.open("/office/cases?kind=enterprise&page=7")
        clerk.open(url(case_id))
        clerk.send(f"{url(case_id)}/take-up")
        page = clerk.open("/office/cases?status=mine")
        assert url(case_id) in page
        assert "件等着办" not in page
        assert url(case_id) not in clerk.open("/office/cases?status=nonsense&kind=nonsense")

    def test_a_draft_is_nobodys_to_read(self, clerk: Browser, counter: Counter) -> None:
        clerk.open(url(counter.bring_to(CaseStatus.DRAFT)), expect=404)


class TestComparison:
    def test_differences_first_and_everything_on_demand(
        self, clerk: Browser, counter: Counter
    ) -> None:
        sources = {"note_zh": {"source": "企业官网", "date": "2027-05", "document_id": None}}
        case_id = counter.bring_to(CaseStatus.APPLIED, sources=sources, photos={"note_zh": 41})
        page = clerk.open(url(case_id))
        assert "1 项不同，共 2 项" in page
        assert "/photos/41/480.webp" in page
        for shown in ("说明", "山下有一眼泉", "企业官网", "2027-05", "新增"):
            assert shown in page
        assert "没变" not in page
        assert "没变" in clerk.open(f"{url(case_id)}?all=1")
        english = clerk.open(f"/en{url(case_id)}")
        assert "1 of 2 facts differ" in english
        assert "Added" in english

    def test_facts_that_moved_are_shown_anew_and_then_accepted(
        self, clerk: Browser, counter: Counter
    ) -> None:
        case_id = counter.bring_to(CaseStatus.UNDER_REVIEW)
        with counter.database.write() as session:
            session.get_one(Enterprise, counter.enterprise_id).note_zh = "导入时改成这样"
        assert "导入时改成这样" not in clerk.open(url(case_id))
        shown = version(counter, case_id)
        page = clerk.send(f"{url(case_id)}/accept", expect=409, version=shown, words="好")
        assert FactsMoved.message in page
        assert "导入时改成这样" in page
        assert ">好</textarea>" in page
        assert StaleForm.message in clerk.send(f"{url(case_id)}/accept", expect=409, version=shown)
        clerk.send(f"{url(case_id)}/accept", version=version(counter, case_id))
        assert counter.case(case_id).status is CaseStatus.ACCEPTED


class TestContact:
    def test_it_is_shown_to_who_asks_for_it_and_the_trail_says_so_once(
        self, clerk: Browser, colleague: Browser, counter: Counter
    ) -> None:
        case_id = counter.bring_to(CaseStatus.UNDER_REVIEW)
        assert CONTACT["phone"] not in clerk.open(url(case_id))
        page = clerk.send(f"{url(case_id)}/contact")
        assert CONTACT["name"] in page
        assert CONTACT["phone"] in page
        clerk.send(f"{url(case_id)}/contact")
        assert CONTACT["phone"] in clerk.open(url(case_id))
        assert CONTACT["phone"] not in colleague.open(url(case_id))
        assert CONTACT["phone"] not in clerk.open("/office/cases?status=under_review")
        assert counter.story("case", case_id).count("case.contact_read") == 1
        trail = clerk.open("/office/trail")
        assert "查看联系人" in trail
        assert CONTACT["phone"] not in trail


class TestDecision:
    def test_words_of_cure_pass_with_a_reason_for_each(
        self, clerk: Browser, counter: Counter
    ) -> None:
        case_id = counter.bring_to(CaseStatus.UNDER_REVIEW, note_zh="不提供治疗，也不宣传疗效")
        clerk.open(url(case_id))
        asked = {"version": version(counter, case_id), "override_0": "写明不提供"}
        page = clerk.send(f"{url(case_id)}/accept", expect=422, **asked)
        assert "文字里有“疗效”" in page
        assert 'value="写明不提供"' in page
        assert counter.case(case_id).status is CaseStatus.UNDER_REVIEW
        page = clerk.send(f"{url(case_id)}/accept", **asked, override_1="写明不宣传")
        assert "已通过" in page
        assert "“治疗”：写明不提供" in page
        given = counter.case(case_id).overrides
        clerk = counter.person("clerk")
        assert [(one["word"], one["by"]) for one in given] == [("治疗", clerk), ("疗效", clerk)]
        with counter.database.read() as session:
            assert "不宣传疗效" in session.get_one(Enterprise, counter.enterprise_id).note_zh

    def test_a_return_wants_reasons_keeps_what_was_typed_and_is_told(
        self, clerk: Browser, house: House, counter: Counter
    ) -> None:
        case_id = counter.bring_to(CaseStatus.UNDER_REVIEW)
        clerk.open(url(case_id))
        asked = {"version": version(counter, case_id)}
        page = clerk.send(f"{url(case_id)}/return", expect=422, remark="请补照片", **asked)
        assert "请至少选一条原因" in page
        assert ">请补照片</textarea>" in page
        page = clerk.send(f"{url(case_id)}/return", expect=422, reasons="other", **asked)
        assert "请写明是什么" in page
        assert 'value="other" checked' in page
        page = clerk.send(
            f"{url(case_id)}/return",
            reasons=["evidence_unclear", "nonsense"],
            remark="请补照片",
            **asked,
        )
        assert "证明材料看不清，请重新上传" in page
        house.work()
        with counter.database.read() as session:
            sent = session.scalars(
                sa.select(Message).where(Message.audience == Audience.CONTACT)
            ).one()
        assert (sent.to, sent.case_id) == (CONTACT["phone"], case_id)
        assert "退回" in clerk.open("/outbox")

    def test_sent_twice_it_is_decided_once_and_said_so(
        self, clerk: Browser, counter: Counter
    ) -> None:
        case_id = counter.bring_to(CaseStatus.UNDER_REVIEW)
        clerk.open(url(case_id))
        asked = {"version": version(counter, case_id), "reasons": "duplicate"}
        assert "不予通过" in clerk.send(f"{url(case_id)}/refuse", **asked)
        for again in ("refuse", "return", "accept", "lay-back", "take-up"):
            assert "没有重复办理" in clerk.send(f"{url(case_id)}/{again}", **asked)
        assert counter.story("case", case_id).count("case.refused") == 1

    def test_a_colleague_sees_who_has_it_and_cannot_decide(
        self, colleague: Browser, counter: Counter
    ) -> None:
        case_id = counter.bring_to(CaseStatus.UNDER_REVIEW)
        page = colleague.open(url(case_id))
        assert "clerk 正在审核" in page
        assert "通过这份申请" not in page
        page = colleague.send(
            f"{url(case_id)}/accept", expect=409, version=version(counter, case_id)
        )
        assert "由另一位同事在审核" in page

    def test_laid_back_a_colleague_takes_it_up(
        self, clerk: Browser, colleague: Browser, counter: Counter
    ) -> None:
        case_id = counter.bring_to(CaseStatus.UNDER_REVIEW)
        clerk.open(url(case_id))
        clerk.send(f"{url(case_id)}/lay-back")
        assert "现在由您审核" in colleague.send(f"{url(case_id)}/take-up")
        assert "没有重复办理" in clerk.send(f"{url(case_id)}/take-up")
        with counter.database.read() as session:
            case = session.get_one(ReviewCase, case_id)
        assert case.reviewer_id == counter.person("colleague")


class TestEvidence:
    def add(self, services: Services, content: bytes, name: str, media: str | None = None) -> int:
        number = give_document(services.database, services.blobs, content, name=name)
        if media is not None:
            with services.database.write() as session:
                session.get_one(Document, number).media_type = media
        return number

    def test_a_document_stands_beside_the_fact_it_shall_prove(
        self, clerk: Browser, services: Services, counter: Counter
    ) -> None:
        document_id = self.add(services, PDF, "官网截图.pdf")
        sources = {"note_zh": {"source": "官网", "date": "2027", "document_id": document_id}}
        case_id = counter.bring_to(CaseStatus.UNDER_REVIEW, sources=sources)
        link = f"/office/documents/{document_id}?case={case_id}&fact=note_zh"
        assert link in clerk.open(url(case_id))
        page = clerk.open(link)
        for shown in ("山下有一眼泉", "官网截图.pdf", f"/office/documents/{document_id}/file"):
            assert shown in page
        for odd in (f"{link}x", f"/office/documents/{document_id}?case=999&fact=note_zh"):
            assert "山下有一眼泉" not in clerk.open(odd)
        clerk.open("/office/documents/999", expect=404)

    @pytest.mark.parametrize(
        ("content", "media", "kind"),
        [
            (PDF, None, "inline"),
            (SCRIPT, None, "inline"),
            (PDF, "text/html", "attachment"),
        ],
        ids=["PDF", "image", "anything else"],
    )
    def test_its_bytes_can_do_nothing(
        self, clerk: Browser, services: Services, content: bytes, media: str | None, kind: str
    ) -> None:
        document_id = self.add(services, content, '证 "明".png', media)
        answer = clerk.client.get(f"/office/documents/{document_id}/file")
        assert answer.data == content
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("sandbox; default-src 'none'")
        assert "script-src" not in policy
        assert answer.headers["Content-Disposition"].startswith(f"{kind}; ")
        assert answer.headers["Cache-Control"] == "no-store"
        expected = "application/octet-stream" if media else answer.mimetype
        assert answer.mimetype == expected
        saved = clerk.client.get(f"/office/documents/{document_id}/file?save=1")
        assert saved.headers["Content-Disposition"].startswith("attachment")
