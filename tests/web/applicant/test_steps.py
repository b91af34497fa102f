"""Each step of an application: what it refuses, with what was typed kept and nothing saved."""

from __future__ import annotations

import io

from flask import Flask
from werkzeug.datastructures import FileStorage

from catalog.office.cases import decisions
from catalog.states import CaseStatus
from catalog.vocabulary import ReturnReason
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.web.protection.security import MOST_FILE_BYTES
from tests.factories import NOW
from tests.support.entering import PDF, Applicant, Office, credit_code, picture
from tests.support.staff import Browser


class TestBusiness:
    def test_a_wrong_credit_code_is_told_apart(self, person: Applicant) -> None:
        right = credit_code()
        for code, said in (
            (right[:-1], "要有 18 位"),
            (f"O{right[1:]}", "不会出现的字符"),
            (f"{right[:-1]}0", "校验码对不上"),
        ):
            page = person.business(credit_code=code, expect=422)
            assert said in page
            assert f'value="{code}"' in page
            assert 'value="林间木屋"' in page
        assert person.case().document == {}

    def test_a_code_is_taken_as_it_is_written_on_paper(self, person: Applicant) -> None:
        code = credit_code()
        person.business(credit_code=f" {code[:4]} {code[4:].lower()} ")
        assert person.case().document["credit_code"] == code

    def test_what_is_missing_may_come_later_what_is_wrong_may_not(self, person: Applicant) -> None:
        page = person.business(
            legal_name="", name_en="x" * 161, category="castle", contact_phone="12", expect=422
        )
        assert "最多 160 个字" in page
        assert "请从列出的里面选" in page
        assert "手机号码是11位数字，这里少了" in page
        assert "请填写营业执照上的名称" not in page
        person.business(legal_name="")
        assert "请填写营业执照上的名称" in person.browser.open(person.url("check"))

    def test_a_stale_form_is_shown_again_over_the_newer_edit(self, person: Applicant) -> None:
        person.browser.open(person.url("business"))
        old = person.browser.page
        person.business(name_zh="先保存的名字")
        person.browser.page = old
        page = person.again("business", expect=409, name_zh="后来填的名字")
        assert "已经有人改过" in page
        assert 'value="后来填的名字"' in page
        assert "先保存的名字" in page
        assert person.case().document["name_zh"] == "先保存的名字"
        person.again("business", name_zh="后来填的名字")
        assert person.case().document["name_zh"] == "后来填的名字"


class TestPlace:
    def test_a_station_of_another_slope_is_refused_with_both_towns(self, person: Applicant) -> None:
        page = person.place(site_0_station="JL124", expect=422)
        assert "北坡在二道白河一侧" in page
        assert "您选的车站在松江河" in page
        assert 'value="木屋院子"' in page
        assert "sites" not in person.case().document
        page = person.place(site_0_slope="west", expect=422)
        assert "西坡在松江河一侧" in page
        page = person.place(site_0_slope="south", expect=422)
        assert "南坡没有自己的火车站" in page
        person.place(site_0_slope="west", site_0_station="JL124")

    def test_a_point_that_cannot_be_is_refused(self, person: Applicant) -> None:
        for lat, lon, said in (
            ("39.9", "116.4", "不在吉林省内"),
            ("128.1", "42.4", "写反了"),
            ("北纬", "128.1", "小数的度数"),
            ("42.4", "", "要么都填"),
            ("43.88", "125.32", "超过 80 公里"),
        ):
            page = person.place(site_0_lat=lat, site_0_lon=lon, expect=422)
            assert said in page
            assert f'value="{lat}"' in page

    def test_sites_are_added_and_taken_away_without_a_script(self, person: Applicant) -> None:
        page = person.place(do="add", expect=200)
        assert 'name="site_1_name"' in page
        assert 'value="木屋院子"' in page
        assert person.case().document == {}
        two = {"sites": "2", "site_1_name": "第二个院子", "site_1_address": "白桦路 9 号"}
        page = person.again("place", expect=200, do="remove:0", site_0_name="木屋院子", **two)
        assert "木屋院子" not in page
        assert 'name="site_0_name" type="text" value="第二个院子"' in page


class TestLicences:
    def test_those_that_the_category_asks_for_are_listed(self, person: Applicant) -> None:
        person.business(category="hot_spring_resort")
        page = person.browser.open(person.url("licences"))
        must, may = page.split("有就填的", 1)[0], page.split("有就填的", 1)[1]
        for word in ("营业执照", "旅馆业", "公共场所卫生", "消防", "取水", "食品"):
            assert word in must
        assert "诊所备案" in may

    def test_an_expired_one_is_refused_and_its_scan_is_asked_for_again(
        self, person: Applicant
    ) -> None:
        page = person.licence("business", expires_on="2027-05-31", expect=422)
        assert "已经到期" in page
        assert "请再选一次这个文件" in page
        assert 'name="document_id"' not in page
        file = (io.BytesIO(PDF), "business.pdf")
        page = person.again(
            "licences/business", number="1", issued_by="局", expires_on="2027-06-01", file=file
        )
        assert "2027-06-01" in page
        kept = person.case().document["licences"][0]["document_id"]
        person.licence("business", expires_on="2027-06-02", file=(io.BytesIO(b""), ""))
        assert person.case().document["licences"][0]["document_id"] == kept

    def test_without_an_end_it_says_so(self, person: Applicant) -> None:
        assert "请填写有效期" in person.licence("business", expires_on="", expect=422)
        assert "长期有效" in person.licence("business", expires_on="", forever="1")
        person.send("licences/business", do="remove")
        assert person.case().document["licences"] == []

    def test_a_file_that_cannot_be_used_is_refused(self, person: Applicant) -> None:
        for content, said in ((b"", "是空的"), (b"MZ\x90\x00 a program", "只收 PDF")):
            page = person.licence("business", file=(io.BytesIO(content), "s.pdf"), expect=422)
            assert said in page
            assert 'value="business-2026-001"' in page
        large = FileStorage(io.BytesIO(PDF + b"x" * (10 * 1024 * 1024)), "s.pdf", "file")
        page = person.heavy("licences/business", number="A-1", file=large, expect=422)
        assert "最多 10 兆" in page
        assert 'value="A-1"' in page
        larger = FileStorage(io.BytesIO(PDF + b"x" * MOST_FILE_BYTES), "s.pdf", "file")
        page = person.heavy("licences/business", file=larger, expect=413)
        assert "文件太大，最多 10 兆" in page
        # Where no file belongs, the limit is the small one of all forms.
        person.browser.open(person.url("business"))
        person.again("business", expect=413, legal_name="x" * 70_000)
        assert "licences" not in person.case().document

    def test_an_unknown_kind_is_not_there(self, person: Applicant) -> None:
        person.browser.open(person.url("licences/dreams"), expect=404)


class TestAbout:
    def test_a_grade_stands_on_its_date_and_a_document(self, person: Applicant) -> None:
        page = person.send("grades/a_level", value="4A", as_of="2028", expect=422)
        assert "不能晚于今天" in page
        assert "请上传证书或公告" in page
        assert 'value="4A"' in page
        file = (io.BytesIO(picture()), "证书.jpg")
        person.send("grades/a_level", value="4A", as_of="2026-05", source="公告", file=file)
        document = person.case().document
        assert document["grades"] == [{"scheme": "a_level", "value": "4A", "as_of": "2026-05"}]
        assert document["sources"]["grade:a_level"]["date"] == "2026-05"
        person.about()
        assert "grade:a_level" in person.case().document["sources"]
        person.send("grades/a_level", do="remove")
        assert "grade:a_level" not in person.case().document["sources"]

    def test_water_that_is_spoken_of_needs_a_dated_report(self, person: Applicant) -> None:
        person.fill()
        person.about(note_zh="院里有一眼氡泉，能治疗关节炎")
        page = person.submit(expect=422)
        assert "要上传有日期的水质检测报告" in page
        assert "治疗、关节炎" in page
        person.send(
            "water", source="省地质实验所 26-118", file=(io.BytesIO(PDF), "r.pdf"), expect=422
        )
        file = (io.BytesIO(PDF), "r.pdf")
        person.send("water", source="省地质实验所 26-118", date="2026-08-01", file=file)
        person.submit()
        assert person.case().status is CaseStatus.APPLIED


class TestPhotos:
    def test_one_is_described_and_can_be_taken_out(self, person: Applicant) -> None:
        file = (io.BytesIO(b"not a picture"), "a.jpg")
        page = person.photo(photo=file, alt_zh="IMG_0001", expect=422)
        assert "不是能用的照片" in page
        assert "不要写文件名" in page
        page = person.photo()
        assert "木屋门前的白桦林" in page
        assert "正在处理这张照片" in page
        photo_id = person.case().document["photos"][0]["id"]
        assert "正在处理" not in person.browser.open(person.url("photos"))
        assert person.browser.client.get(f"/media/photos/{photo_id}/320.webp").status_code == 200
        person.again(f"photos/{photo_id}/remove")
        person.send("photos", expect=422)
        assert person.case().document["photos"] == []


class TestOwn:
    def test_anothers_case_and_files_are_not_there(self, person: Applicant, app: Flask) -> None:
        person.licence("business")
        document_id = person.case().document["licences"][0]["document_id"]
        other = Applicant(Browser(app.test_client()), person.services)
        other.join("piaoyuji")
        for page in ("", "business", "licences", "check", "withdraw"):
            other.browser.open(person.url(page), expect=404)
        other.browser.open(f"/apply/documents/{document_id}", expect=404)
        page = other.licence("business", file=None, document_id=str(document_id), expect=422)
        assert "请上传证照的扫描件或照片" in page
        assert "licences" not in other.case().document
        assert other.browser.client.get(f"/office/documents/{document_id}").status_code == 403

    def test_a_file_is_sent_so_that_it_can_do_nothing(self, person: Applicant) -> None:
        person.licence("business", file=(io.BytesIO(picture()), "../执照<b>.jpg"))
        document_id = person.case().document["licences"][0]["document_id"]
        answer = person.browser.client.get(f"/apply/documents/{document_id}")
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert (
            answer.headers["Content-Disposition"]
            == "inline; filename*=UTF-8''%E6%89%A7%E7%85%A7b.jpg"
        )

    def test_what_was_returned_says_why_and_can_be_mended(
        self, person: Applicant, reviewer: Office
    ) -> None:
        person.fill()
        person.submit()
        assert person.browser.client.get(person.url("business")).status_code == 303
        version = reviewer.take_up(person.case_id)
        with person.services.database.write() as session:
            decisions.send_back(
                UnitOfWork(session, now=NOW, actor=reviewer.actor),
                case_id=person.case_id,
                version=version,
                reasons=[ReturnReason.EVIDENCE_UNCLEAR],
                remark="营业执照的右下角看不清",
            )
        for page in (person.browser.open("/apply/"), person.browser.open(person.url(""))):
            assert "证明材料看不清" in page
            assert "营业执照的右下角看不清" in page
        assert "名录办" in page.split("办理经过")[-1]
        person.licence("business", number="new-1")
        person.submit()
        assert person.case().status is CaseStatus.APPLIED

    def test_taken_back_twice_it_is_noted_once(self, person: Applicant) -> None:
        page = person.send("withdraw")
        assert "已经撤回" in page
        person.browser.send(person.url("withdraw"), version="1")
        assert person.case().status is CaseStatus.WITHDRAWN
        assert person.browser.page.count("撤回申请") == 1
        page = person.browser.open("/apply/")
        assert "申请入册" in page
        person.browser.send("/apply/new")
        person.browser.send("/apply/new")
        assert person.browser.open("/apply/").count('<article class="panel') == 2
