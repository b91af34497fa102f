"""The way from a listing to a voucher, step by step, as tests need it."""

from __future__ import annotations

from tests.factories import Room
from tests.web.traveller.visitor import Page, Visitor

PHONE = "138 0013 8000"
NAME = "王秀兰"
ARRIVE = "2027-07-01"


class Journey:
    """One visitor on the way to one room."""

    def __init__(self, visitor: Visitor, room: Room) -> None:
        self.visitor = visitor
        self.room = room

    def quote(
        self, *, arrive: str = ARRIVE, nights: int = 30, rooms: int = 1, **more: object
    ) -> Page:
        """Open the quote of a stay."""
        extra = "".join(f"&{name}={value}" for name, value in more.items())
        return self.visitor.open(
            f"/listings/{self.room.listing_id}/quote?room_type={self.room.room_type_id}"
            f"&arrive={arrive}&nights={nights}&rooms={rooms}{extra}"
        )

    def answer(self, *, name: str = NAME, phone: str = PHONE) -> Page:
        """Go from the quote through the two questions to the check."""
        self.visitor.send("seen_total_fen")
        self.visitor.send("lead_name", lead_name=name, for_whom="self")
        return self.visitor.send("phone", phone=phone, consent="1")

    def hold(self, **stay: object) -> str:
        """Hold the rooms; returns the booking's id."""
        self.quote(**stay)  # type: ignore[arg-type]
        self.answer()
        page = self.visitor.send("/book/check")
        assert page.path.endswith("/pay"), page.text
        return page.path.split("/")[-2]

    def press(self, action: str, **stay: object) -> str:
        """Hold, go to the gateway's page and press a button there; returns the booking's id."""
        booking_id = self.hold(**stay)
        self.visitor.send("/pay")
        self.visitor.send("/pay/sim/" + self.visitor.page.path.split("/")[-1], action=action)
        return booking_id
