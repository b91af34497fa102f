"""Listing and directory pages, and that every open page opens."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from catalog.models import Enterprise, EnterpriseGrade
from catalog.office.models import Evidence
from catalog.service import suspend
from catalog.vocabulary import Category, Cluster, GradeScheme
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from tests.factories import NOW, Room, make_enterprise
from tests.web.traveller.journey import Journey
from tests.web.traveller.looking import index_all
from tests.web.traveller.visitor import Visitor


def test_a_listing_that_is_not_there_is_not_found(visitor: Visitor, loaded: Room) -> None:
    assert visitor.open("/listings/999999").status == 404
    assert visitor.open(f"/listings/{loaded.listing_id}/quote?room_type=999999").status == 404


def test_a_quote_without_dates_asks_for_them_on_the_listing(visitor: Visitor, loaded: Room) -> None:
    page = visitor.open(
        f"/listings/{loaded.listing_id}/quote?room_type={loaded.room_type_id}&adults=9&nights=30"
    )
    assert page.status == 422
    assert "请选哪天到" in page.text
    assert page.form(holding="arrive").fields["adults"] == "9"


@pytest.mark.parametrize(
    ("stay", "words"),
    [
        ({"nights": 100}, "这里最多住 90 晚"),
        ({"adults": 5}, "每间最多住 2 位大人"),
        ({"arrive": "2027-05-01"}, "到达日期已经过去"),
    ],
)
def test_a_rule_of_the_listing_is_named(
    journey: Journey, stay: dict[str, object], words: str
) -> None:
    page = journey.quote(**stay)  # type: ignore[arg-type]
    assert page.status == 422
    assert words in page.text


def test_dates_that_are_not_on_sale_offer_the_nearest_that_are(journey: Journey) -> None:
    page = journey.quote(arrive="2027-09-20", nights=20)
    assert "还没有开放预订" in page.text
    assert any("arrive=2027-09-09" in link for link in page.links)
    assert not any("seen_total_fen" in form.names for form in page.forms)


def test_the_directory_filters_pages_and_never_books(visitor: Visitor, services: Services) -> None:
    with services.database.write() as session:
        for number in range(12):
            make_enterprise(
                session,
                code=f"JL9{number:02d}",
                is_sample=False,
                planned=number == 0,
                name_zh=f"名录里的地方{number}",
                category=Category.SCENIC if number else Category.HOT_SPRING_RESORT,
                clusters=(Cluster.JIAN,) if number < 3 else (),
            )
    index_all(services)
    first = visitor.open("/directory")
    assert "共12处" in first.text
    assert len([link for link in first.links if "/directory/JL" in link]) == 10
    assert "共3处" in visitor.open("/directory?cluster=jian").text
    assert "共9处" in visitor.open("/directory?cluster=outside").text
    assert "共1处" in visitor.open("/directory?theme=hot_spring").text
    assert "名录里的地方7" in visitor.open("/directory?q=地方7").text
    assert "page=1" in "".join(visitor.open("/directory?page=50").links)
    planned = visitor.open("/directory/JL900")
    assert "还在规划" in planned.text
    assert not any("/quote" in form.action for form in planned.forms)
    assert visitor.open("/directory/JL999").status == 404


def test_the_directory_in_other_orders(visitor: Visitor, services: Services) -> None:
    checked = {"checked_at": NOW, "source_date": "2027", "name_en": "Zed", "note_zh": "说明"}
    with services.database.write() as session:
        for number, (name, facts) in enumerate(
            (("一号", {}), ("啊好", {"source_date": "2020"}), ("丙", checked), ("二号", {}))
        ):
            make_enterprise(
                session,
                code=f"JL90{number}",
                is_sample=False,
                name_zh=name,
                clusters=(Cluster.JIAN,) if number else (),
                **facts,
            )
    index_all(services)

    def order(query: str) -> list[str]:
        links = visitor.open(f"/directory?{query}").links
        return [link.split("/")[-1] for link in links if "/directory/JL" in link]

    assert order("") == ["JL900", "JL901", "JL902", "JL903"]
    assert order("sort=name") == ["JL901", "JL902", "JL903", "JL900"], "a bing er yi"
    assert order("sort=complete")[0] == "JL902"
    assert order("sort=fresh") == ["JL902", "JL901", "JL900", "JL903"]
    assert order("sort=fresh&cluster=jian") == ["JL902", "JL901", "JL903"]
    assert order("sort=name&q=号") == ["JL903", "JL900"]
    assert order("sort=nonsense") == ["JL900", "JL901", "JL902", "JL903"]
    assert "sort=name&page=1" not in "".join(visitor.open("/directory?sort=name&page=9").links)
    assert visitor.page.form(holding="cluster").fields["sort"] == "name"
    with services.database.write() as session:
        key = session.scalars(sa.select(Enterprise.id).where(Enterprise.code == "JL902")).one()
        suspend(session, enterprise_id=key, reason="x", actor=SYSTEM, now=NOW)
    assert order("sort=complete") == ["JL901", "JL900", "JL903"]


def test_an_entry_says_how_far_to_trust_it(visitor: Visitor, services: Services) -> None:
    with services.database.write() as session:
        key = make_enterprise(
            session,
            code="JL900",
            is_sample=False,
            claimed=True,
            checked_at=NOW,
            category=Category.HOT_SPRING_RESORT,
            source_date="2019",
            legal_name="某某有限公司",
        )
        session.add(
            EnterpriseGrade(
                enterprise_id=key, scheme=GradeScheme.SPRING_STAR, value="四星", as_of="2021"
            )
        )
        for fact, verified in (("grade:spring_star", NOW), ("note_zh", None), ("legal_name", NOW)):
            session.add(
                Evidence(
                    subject_kind="enterprise",
                    subject_id=key,
                    fact=fact,
                    source=f"来源之{fact}",
                    source_date="2021-03",
                    verified_at=verified,
                )
            )
        make_enterprise(session, code="JL901", is_sample=False)
    text = visitor.open("/directory/JL900").text
    for words in (
        "企业已认领",
        "名录办2027-06-01核实",
        "1年以内",
        "温泉企业星级 四星（截至2021）",
        "还缺",
        "水的种类",
        "来源之grade:spring_star",
        "2021-03",
        "来源之note_zh",
    ):
        assert words in text, words
    assert "来源之legal_name" not in text, "the business behind is not told"
    assert "某某有限公司" not in text
    bare = visitor.open("/directory/JL901").text
    assert "尚未核实" in bare
    assert "没有日期" in bare
    assert "每项事实的来源" not in bare
    english = visitor.open("/en/directory/JL900").text
    assert "Checked by the directory office on 2027-06-01" in english


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search",
        "/search/filters",
        "/directory",
        "/trains",
        "/family",
        "/privacy",
        "/help",
        "/sources",
        "/open",
    ],
)
def test_every_open_page_opens_in_both_languages(visitor: Visitor, loaded: Room, path: str) -> None:
    chinese = visitor.open(f"{path}?lang=zh")
    assert chinese.status == 200
    assert 'lang="zh-CN"' in chinese.html
    english = visitor.open(f"/en{path}?lang=en")
    assert english.status == 200
    assert '<html lang="en"' in english.html
    assert all(
        link.startswith(("/en/", "#", "tel:", "?", "http", "/?", "/static", "/open/directory."))
        or "lang=zh" in link
        for link in english.links
    )


@pytest.mark.parametrize(
    "path",
    ["/listings/99999999999999999999", "/directory/%00", "/directory/JL9'--", "/pay/sim/%00", "/x"],
)
def test_nonsense_in_an_address_is_not_found(visitor: Visitor, loaded: Room, path: str) -> None:
    assert visitor.open(path).status == 404
