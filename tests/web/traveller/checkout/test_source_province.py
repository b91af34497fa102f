"""Where a traveller comes from: carried from the search to the booking, said or left unsaid."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from marketplace.booking.models import Booking
from marketplace.bootstrap import Services
from tests.web.traveller.journey import Journey


def province(services: Services) -> str:
    with services.database.read() as session:
        return session.scalars(sa.select(Booking.source_province)).one()


def book(journey: Journey, **answers: str) -> None:
    """Answer the three questions, the first with more ``answers``, and hold."""
    journey.visitor.send("seen_total_fen")
    journey.visitor.send("lead_name", lead_name="王秀兰", for_whom="self", **answers)
    journey.visitor.send("phone", phone="13800138000", consent="1")
    journey.visitor.send("/book/check")


def test_nothing_said_is_nothing_kept(journey: Journey, services: Services) -> None:
    journey.quote()
    book(journey)
    assert province(services) == ""


@pytest.mark.usefixtures("reference")
def test_the_city_of_a_search_goes_with_the_traveller(journey: Journey, services: Services) -> None:
    visitor = journey.visitor
    page = visitor.open("/search?arrive=2027-07-01&nights=30&from=420100")
    visitor.open(next(link for link in page.links if "/listings/" in link))
    assert visitor.page.form(holding="arrive").fields["from"] == "420100"
    visitor.send("arrive")
    assert "change" not in visitor.page.path
    assert any("from=420100" in link for link in visitor.page.links), "the way back keeps it too"
    visitor.send("seen_total_fen")
    assert visitor.page.form(holding="lead_name").fields["province"] == "湖北省"
    visitor.send("lead_name", lead_name="王秀兰", for_whom="self")
    visitor.send("phone", phone="13800138000", consent="1")
    visitor.send("/book/check")
    assert province(services) == "湖北省"


@pytest.mark.parametrize(
    ("given", "kept"), [("湖南省", "湖南省"), ("", ""), ("湖南", ""), ("<script>", "")]
)
def test_said_among_the_answers_or_unsaid(
    journey: Journey, services: Services, given: str, kept: str
) -> None:
    """It is optional, so what is no province is no mistake of the traveller."""
    journey.quote(**{"from": "420100"})
    book(journey, province=given)
    assert province(services) == kept


@pytest.mark.parametrize("nonsense", ["990000", "x", "42", "420100'--"])
def test_a_city_that_is_none_is_left_aside(
    journey: Journey, services: Services, nonsense: str
) -> None:
    assert journey.quote(**{"from": nonsense}).status == 200
    book(journey)
    assert province(services) == ""
