"""Searching for one day, about a day, within months, or for no dates yet."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from marketplace.bootstrap import Services
from marketplace.inventory.models import StockDay
from marketplace.kernel import changes
from marketplace.offers.search.search_types import Dates
from marketplace.web.forms.reader import FormReader
from marketplace.web.traveller.search.date_form import When, months, read_when
from tests.factories import NOW, TODAY, Room
from tests.web.traveller.looking import dates_form, names
from tests.web.traveller.visitor import Page, Visitor

DAY = dt.date(2027, 7, 1)
WITHIN = "/search?when=within&month_from=2027-07&month_to=2027-08&nights=30"


def sell_out(services: Services, room: Room, day: dt.date) -> None:
    """Take all rooms of a type off sale for a night."""
    with services.database.write() as session:
        session.execute(
            sa.update(StockDay)
            .where(StockDay.pool_id == room.pool_id, StockDay.day == day)
            .values(capacity=0)
        )
        span = {"first": day.isoformat(), "last": (day + dt.timedelta(1)).isoformat()}
        changes.record(session, changes.STOCK, room.pool_id, now=NOW, detail=span)


def stay_of(page: Page) -> tuple[str, str]:
    """Return the arrival and the nights that the first card leads to."""
    link = next(link for link in page.links if link.startswith("/listings/"))
    args = parse_qs(urlsplit(link).query)
    return args["arrive"][0], args["nights"][0]


class TestAround:
    def test_the_nearest_free_days_are_priced_said_and_carried(
        self, visitor: Visitor, services: Services, loaded: Room
    ) -> None:
        sell_out(services, loaded, DAY)
        page = visitor.open("/search?when=around&arrive=2027-07-01&nights=30")
        assert stay_of(page) == ("2027-07-02", "30")
        assert "2027年7月1日 星期四到（农历五月廿七），前后14天都可以，住30晚" in page.text
        assert "2027年7月2日 星期五到（农历五月廿八），住30晚" in page.text

    def test_it_does_not_reach_further_than_two_weeks(
        self, visitor: Visitor, services: Services, loaded: Room
    ) -> None:
        for day in range(-14, 15):
            sell_out(services, loaded, DAY + dt.timedelta(days=day))
        page = visitor.open("/search?when=around&arrive=2027-07-01&nights=1")
        assert "这些日子没有合适的空房" in page.text

    def test_it_wants_a_day(self, visitor: Visitor, loaded: Room) -> None:
        page = visitor.open("/search?when=around&arrive=&nights=30")
        assert page.status == 422
        assert "请写大概哪天到" in page.text


class TestWithin:
    def test_any_nights_in_july_and_august_are_found_with_their_days(
        self, visitor: Visitor, services: Services, loaded: Room
    ) -> None:
        for day in range(10):
            sell_out(services, loaded, DAY + dt.timedelta(days=day))
        page = visitor.open(WITHIN)
        assert stay_of(page) == ("2027-07-11", "30")
        assert "2027年7月到2027年8月里任意30晚" in page.text
        assert "7月到8月任意30晚，2人" in page.text
        assert "最早2027年7月1日 星期四到（农历五月廿七），最晚2027年9月1日 星期三离开" in page.text

    def test_the_whole_stay_lies_within(self, visitor: Visitor, loaded: Room) -> None:
        page = visitor.open("/search?when=within&month_from=2027-07&month_to=2027-07&nights=31")
        # The listing takes 31 nights from the first; the July that is asked for has no others.
        assert stay_of(page) == ("2027-07-01", "31")

    def test_the_month_that_has_begun_begins_today(self) -> None:
        form = read("within", month_from="2027-06", month_to="2027-06", nights="10", today=TODAY)
        assert form == Dates(10, TODAY, dt.date(2027, 6, 21))
        later = dt.date(2027, 6, 15)
        form = read("within", month_from="2027-06", month_to="2027-06", nights="10", today=later)
        assert form == Dates(10, later, dt.date(2027, 6, 21))

    def test_eighteen_months_can_be_chosen(self, visitor: Visitor, loaded: Room) -> None:
        assert len(months(TODAY)) == 18
        assert months(dt.date(2027, 12, 31))[:2] == [dt.date(2027, 12, 1), dt.date(2028, 1, 1)]
        html = visitor.open("/search/dates").html
        assert '<option value="2027-06">2027年6月</option>' in html
        assert '<option value="2028-11">2028年11月</option>' in html
        assert "2028-12" not in html


def read(when: str, *, today: dt.date = TODAY, **args: str) -> Dates | None:
    form = read_when(FormReader({"when": when, **args}), today=today)
    assert form.errors == {}
    return form.dates


class TestRefusals:
    @pytest.mark.parametrize(
        ("asked", "field", "words"),
        [
            ("arrive=2020-01-01&nights=30", "arrive", "到达日期已经过去"),
            ("arrive=2027-02-29&nights=30", "arrive", "那年的2月只有28天，没有29日"),
            ("arrive=2027-06-31&nights=30", "arrive", "日历上没有这一天"),
            ("arrive=下个月&nights=30", "arrive", "请这样写日期"),
            ("arrive=2028-12-20&nights=30", "arrive", "这个日期太远了"),
            ("arrive=2099-07-01&nights=30", "arrive", "这个日期太远了"),
            ("arrive=2027-07-01&nights=500", "nights_other", "请写 1 到 120 之间的晚数"),
            ("arrive=2027-07-01&nights=0", "nights_other", "请写 1 到 120 之间的晚数"),
            ("when=within&month_from=2027-08&month_to=2027-07", "month_to", "不能比“从几月”早"),
            ("when=within&month_from=2027-07&month_to=2027-07&nights=60", "month_to", "住不下这么"),
            ("when=within&month_from=2027-05&month_to=2027-07", "month_from", "这个月已经过去"),
            ("when=within&month_from=2027-07&month_to=2029-07", "month_to", "这个月太远了"),
            ("when=within&month_from=2027-13&month_to=2027-07", "month_from", "请选一个月份"),
            ("when=within&month_from=2027-07&month_to=", "month_to", "请选一个月份"),
            ("when=within&month_from=2027-07&month_to=2028-09", "month_to", "最多选连着的12个月"),
        ],
    )  # fmt: skip
    def test_are_in_plain_words_at_the_field_and_erase_nothing(
        self, visitor: Visitor, loaded: Room, asked: str, field: str, words: str
    ) -> None:
        page = visitor.open(f"/search?{asked}&cluster=changbai")
        assert page.status == 422
        assert page.text.count(words) == 2
        assert f'id="f-{field}"' in page.html
        form = dates_form(page)
        for name, (typed,) in parse_qs(asked).items():
            shown = form.fields.get(name)
            assert typed in (shown, form.fields["nights_other"]), name
        assert form.fields["cluster"] == "changbai"
        assert len(names(page)) == 1, "the rest of the question is still answered"

    def test_a_day_that_is_none_stands_in_a_field_that_can_show_it(
        self, visitor: Visitor, loaded: Room
    ) -> None:
        html = visitor.open("/search?arrive=2027-02-29&nights=30").html
        (field,) = [tag for tag in html.split("<input") if 'id="f-arrive"' in tag]
        assert 'type="text"' in field
        html = visitor.open("/search?arrive=2020-01-01&nights=30").html
        (field,) = [tag for tag in html.split("<input") if 'id="f-arrive"' in tag]
        assert 'type="date"' in field

    def test_a_leap_day_that_there_is_is_taken(self) -> None:
        found = read("exact", arrive="2028-02-29", nights="30")
        assert found is not None
        assert found.first == dt.date(2028, 2, 29)

    def test_what_is_not_asked_for_is_not_refused(self) -> None:
        """A past date does not matter to whoever has not decided, nor months to whoever has."""
        assert read("open", arrive="2020-01-01", nights="500") is None
        assert read("exact", arrive="2027-07-01", month_from="2020-01") is not None
        within = read("within", arrive="2020-01-01", month_from="2027-07", month_to="2027-08")
        assert within is not None


class TestShortAddresses:
    @pytest.mark.parametrize(
        ("args", "when"),
        [
            ({"arrive": "2027-07-01"}, When.EXACT),
            ({}, When.EXACT),
            ({"month_from": "2027-07"}, When.WITHIN),
            ({"when": "open", "month_from": "2027-07"}, When.OPEN),
        ],
    )
    def test_need_not_name_the_way(self, args: dict[str, str], when: When) -> None:
        form = read_when(FormReader(args), today=TODAY)
        assert (form.when, form.known) == (when, True)

    def test_the_arguments_say_the_same_again(self) -> None:
        for when in When:
            args = {"when": when, "arrive": "2027-07-01", "nights": "45", "month_from": "2027-07",
                    "month_to": "2027-09", "rooms": "2", "children": "1"}  # fmt: skip
            form = read_when(FormReader(args), today=TODAY)
            again = read_when(FormReader(form.args()), today=TODAY)
            assert again.dates == form.dates
            assert (again.when, again.stay) == (form.when, form.stay)
