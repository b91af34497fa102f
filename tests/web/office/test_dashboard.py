"""The overview: figures with their charts and files, real or sample, few queries."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from base64 import b64decode
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from catalog.office.models import Licence
from catalog.vocabulary import Category, Cluster, LicenceKind
from marketplace.booking.items import BookingItem, BookingPart
from marketplace.booking.models import Booking
from marketplace.bootstrap import Services
from marketplace.web.office.figures.figure_registry import SECTIONS, TOPICS
from tests.factories import NOW, TODAY, make_enterprise
from tests.support.staff import Browser, House

TABLES = [name for tables, _ in SECTIONS.values() for name in tables]
CHARTS = [name for _, charts in SECTIONS.values() for name in charts]
IMAGE = re.compile(r'src="data:image/svg\+xml;base64,([^"]+)"[^>]*alt="([^"]+)"')


def rows(office: Browser, address: str) -> list[list[str]]:
    text = office.client.get(address).get_data().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.fixture
def register(services: Services) -> None:
    with services.database.write() as session:
        for number, cluster in enumerate((Cluster.JIAN, Cluster.JIAN, Cluster.HUNCHUN)):
            make_enterprise(
                session,
                code=f"JL90{number}",
                is_sample=False,
                name_zh=f"=真实的地方{number}",
                clusters=(cluster,),
                category=Category.SCENIC,
            )


@pytest.mark.usefixtures("register", "house")
def test_real_ones_alone_unless_samples_are_asked_for(office: Browser) -> None:
    page = office.open("/office/dashboard")
    assert "示例数据" not in page.split("<h2")[1]
    assert rows(office, "/office/figures/clusters.csv") == [
        ["集聚区", "企业"],
        ["珲春集聚区", "1"],
        ["长白山集聚区", "0"],
        ["集安集聚区", "2"],
        ["环长白山温泉带", "0"],
        ["长春—吉林—松原温泉带", "0"],
        ["省内其他", "0"],
    ]
    sample = rows(office, "/office/figures/clusters.csv?data=sample")
    assert [row[1] for row in sample[1:]] == ["0", "1", "0", "0", "0", "0"]
    assert "房型和价格只作演示" in office.open("/office/dashboard?data=sample")


@pytest.mark.usefixtures("register")
def test_charts_are_images_made_of_the_numbers_beneath(office: Browser) -> None:
    page = office.open("/office/dashboard?topic=all")
    images = IMAGE.findall(page)
    assert len(images) >= 5
    for encoded, alt in images:
        root = ET.fromstring(b64decode(encoded))  # noqa: S314 - our own text
        assert root.tag.endswith("svg")
        assert len(alt) > 8
    answer = office.client.get("/office/charts/clusters.svg")
    assert answer.content_type == "image/svg+xml; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    words = [text.text for text in ET.fromstring(answer.data).iter() if text.text]  # noqa: S314
    assert words == [
        "各集聚区的企业",
        "珲春集聚区",
        "1",
        "长白山集聚区",
        "0",
        "集安集聚区",
        "2",
        "环长白山温泉带",
        "0",
        "长春—吉林—松原温泉带",
        "0",
        "省内其他",
        "0",
    ]


@pytest.mark.usefixtures("register")
def test_every_table_and_chart_is_there_by_name(office: Browser) -> None:
    page = office.open("/office/dashboard?topic=all")
    for name in TABLES:
        assert f'<h2 id="{name}">' in page
        assert rows(office, f"/office/figures/{name}.csv")[0]
    for name in CHARTS:
        ET.fromstring(office.client.get(f"/office/charts/{name}.svg").data)  # noqa: S314
    assert office.client.get("/office/charts/nothing.svg").status_code == 404
    assert office.client.get("/office/figures/nothing.csv").status_code == 404


@pytest.mark.usefixtures("register")
def test_the_worst_of_a_cluster_and_names_that_are_no_formulas(office: Browser) -> None:
    worst = rows(office, "/office/figures/worst.csv?worst=jian")
    assert [row[0] for row in worst[1:]] == ["JL900", "JL901"]
    assert worst[1][1] == "'=真实的地方0"
    assert "名录办核实" in worst[1][4]
    page = office.open("/office/dashboard?worst=jian")
    assert "最要补的企业:集安集聚区".replace(":", "：") in page
    assert "/office/dashboard?topic=worst&worst=hunchun" in office.open(
        "/office/dashboard?topic=all"
    ).replace("&amp;", "&")
    assert "JL902" in office.open("/office/dashboard?worst=atlantis")


def test_months_of_bookings_and_how_they_are_chosen(office: Browser, house: House) -> None:
    house.booked(arrive=TODAY + dt.timedelta(days=10), nights=3)
    found = rows(office, "/office/figures/months.csv?data=sample")
    assert (len(found) - 1, found[1][0], found[-1][0]) == (25, "2026-06", "2028-06")
    june = next(row for row in found if row[0] == "2027-06")
    assert june == ["2027-06", "1", "6", "3", "60", "5.0", "3.0"]
    asked = rows(office, "/office/figures/months.csv?data=sample&first=2027-05&months=6")
    assert [row[0] for row in asked[1:]][:2] == ["2027-05", "2027-06"]
    assert len(asked) == 7
    for nonsense in ("first=1999-01", "first=x", "months=7", "months=x", "months=99999999"):
        again = rows(office, f"/office/figures/months.csv?data=sample&{nonsense}")
        assert len(again) == 26
    assert rows(office, "/office/figures/months.csv")[13][1:5] == ["0", "0", "0", "0"]


def test_small_groups_of_provinces_are_not_told(
    office: Browser, house: House, services: Services
) -> None:
    kept = house.booked(nights=2)
    with services.database.write() as session:
        session.execute(
            sa.update(Booking).where(Booking.id == kept).values(source_province="湖南省")
        )
    address = "/office/figures/provinces.csv?data=sample"
    assert rows(office, address)[1:] == [["湖南省", "少于 5", "少于 5"]]
    assert rows(office, f"/en{address}")[1:] == [["Hunan", "Fewer than 5", "Fewer than 5"]]
    page = office.open("/office/dashboard?topic=guests&data=sample")
    assert "少于 5" in page


@pytest.mark.usefixtures("register")
def test_licences_that_end_soon_lead_to_where_they_are_dealt_with(
    office: Browser, services: Services
) -> None:
    with services.database.write() as session:
        owner = make_enterprise(session, code="JL950", is_sample=False)
        session.add(
            Licence(
                enterprise_id=owner,
                kind=LicenceKind.FIRE,
                number="SECRET-1",
                expires_on=TODAY + dt.timedelta(days=7),
                verified_at=NOW,
            )
        )
    page = office.open("/office/dashboard")
    assert "SECRET-1" not in page
    line = rows(office, "/office/figures/licences.csv")[1]
    assert (line[0], line[3], line[4]) == ("JL950", "2027-06-08", "7")
    assert 'href="/office/licences"' in page


@pytest.mark.usefixtures("register")
def test_the_page_asks_the_database_a_fixed_number_of_times(
    office: Browser, services: Services
) -> None:
    def asked() -> int:
        seen: list[str] = []

        def count(_c: object, _k: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(sa.Engine, "before_cursor_execute", count)
        try:
            office.open("/office/dashboard?topic=all")
        finally:
            event.remove(sa.Engine, "before_cursor_execute", count)
        return len([one for one in seen if one.lstrip().upper().startswith("SELECT")])

    few = asked()
    assert few <= 16
    with services.database.write() as session:
        for number in range(30):
            make_enterprise(session, code=f"JL8{number:02d}", is_sample=False)
    assert asked() == few


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_holds_its_own_tables_and_no_table_of_noughts(office: Browser, topic: str) -> None:
    page = office.open(f"/office/dashboard?topic={topic}")
    shown = re.findall(r'<h2 id="(\w+)"', page)
    assert tuple(shown) == TOPICS[topic][1]
    assert f'topic={topic}" aria-current="page"' in page
    for body in re.findall(r"<tbody>(.*?)</tbody>", page, re.S)[topic == "bookings" :]:
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.S):
            numbers = re.findall(r'class="num">([^<]*)<', row)
            assert not numbers or set(numbers) - {"0", ""}, row


def test_tables_of_noughts_are_a_sentence(office: Browser) -> None:
    page = office.open("/office/dashboard?topic=all")
    assert "都是零，不列表" in page
    assert "都是零，不列表" in office.open("/office/dashboard?topic=clusters")
    rows_of = re.findall(r"<tbody>(.*?)</tbody>", page, re.S)
    assert not [body for body in rows_of if set(re.findall(r'class="num">([^<]*)<', body)) == {"0"}]


def test_the_year_before_stands_beside_with_the_change_in_words(
    office: Browser, house: House, services: Services
) -> None:
    first, second, third = (
        house.booked(arrive=TODAY + dt.timedelta(days=at), nights=2) for at in (3, 8, 13)
    )
    with services.database.write() as session:
        arrived, left = dt.date(2026, 6, 14), dt.date(2026, 6, 16)
        before = sa.update(Booking).where(Booking.id == third)
        session.execute(before.values(starts_on=arrived, ends_on=left))
        of_it = sa.update(BookingItem).where(BookingItem.booking_id == third)
        session.execute(of_it.values(first_day=arrived, last_day=left))
        session.execute(
            sa.update(BookingPart)
            .where(BookingPart.booking_id == third, BookingPart.day > TODAY)
            .values(
                day=sa.case(
                    (BookingPart.day == TODAY + dt.timedelta(days=13), dt.date(2026, 6, 14)),
                    else_=dt.date(2026, 6, 15),
                )
            )
        )
    assert first != second
    page = office.open("/office/dashboard?data=sample&first=2027-06&months=1")
    line = re.search(r"订单</a></th>(.*?)</tr>", page, re.S)
    assert line is not None
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", line[1])
    assert cells == ["2", "1", "多 1（100%）"] * 2
    english = office.open("/en/office/dashboard?data=sample&first=2027-06&months=1")
    assert "1 more (100%)" in english
    months = office.open("/office/dashboard?topic=months&figure=nights&data=sample&months=3")
    drawn = b64decode(IMAGE.findall(months)[0][0]).decode()
    assert "上一年同月" in drawn
    assert "<title>住客夜数</title>" in drawn
    for nonsense in ("topic=x", "figure=x", "topic=months&figure=", "topic="):
        office.open(f"/office/dashboard?{nonsense}")
