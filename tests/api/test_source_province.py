"""The province that a partner's guests come from: optional, and one of the Chinese provinces."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from marketplace.booking.models import Booking
from marketplace.bootstrap import Services
from tests.factories import Room
from tests.support.partner import Program, code


def kept(services: Services) -> list[str]:
    with services.database.read() as session:
        return list(session.scalars(sa.select(Booking.source_province)))


@pytest.mark.parametrize("province", ["湖南省", "新疆维吾尔自治区", ""])
def test_it_is_kept_with_the_booking(
    partner: Program, services: Services, loaded: Room, province: str
) -> None:
    partner.held(loaded, source_province=province)
    assert kept(services) == [province]


def test_it_may_be_left_out(partner: Program, services: Services, loaded: Room) -> None:
    partner.held(loaded)
    assert kept(services) == [""]


@pytest.mark.parametrize("province", ["湖南", "Hunan", "湖南省 ", "Japan", 43, None, ["湖南省"]])
def test_anything_else_is_refused_and_holds_nothing(
    partner: Program, services: Services, loaded: Room, province: object
) -> None:
    answer = partner.hold(loaded, source_province=province)
    assert code(answer) == (422, "invalid")
    assert list(answer.json["fields"]) == ["source_province"]
    assert kept(services) == []


def test_the_description_lists_the_provinces(partner: Program) -> None:
    schema = partner.get("/openapi.json").json["components"]["schemas"]["HoldRequest"]
    own = schema["properties"]["source_province"]
    assert {"", "湖南省", "上海市"} <= set(own["enum"])
    assert "source_province" not in schema["required"]
