"""A quote form that was changed by hand on its way: refused or made harmless, never a 500."""

from __future__ import annotations

import pytest

from marketplace.bootstrap import Services
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.web.traveller.journey import Journey


@pytest.mark.parametrize("total", ["-1", "9" * 30, "9" * 4000, "lots", ""])
def test_a_total_that_was_never_shown_counts_as_none(journey: Journey, total: str) -> None:
    journey.quote()
    journey.visitor.send("seen_total_fen", seen_total_fen=total)
    assert journey.visitor.page.path == "/book/who"
    assert journey.visitor.page.status == 200


def test_the_room_must_be_of_the_listing_whose_operator_the_consent_names(
    journey: Journey, services: Services, loaded: Room
) -> None:
    with services.database.write() as session:
        other = make_listing(session, enterprise_id=make_enterprise(session))
        elsewhere = make_room(session, listing_id=other, capacity=1, days=60)
    journey.quote()
    page = journey.visitor.send("seen_total_fen", room_type=str(elsewhere.room_type_id))
    assert page.status == 404
    assert journey.visitor.open("/book/who").path != "/book/who"
