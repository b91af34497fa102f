"""Events and the booking as a partner reads them; cursors; places offered instead of a house."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from catalog.service import suspend
from marketplace.booking.models import Rehousing
from marketplace.booking.rehousing import rehousing_queue, rehousing_service
from marketplace.bootstrap import Services
from marketplace.kernel import changes, numbering
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.clock import SetClock
from marketplace.kernel.numbering import seconds_by
from marketplace.notify.models import Audience, Message
from marketplace.staff_tasks.models import StaffTask
from marketplace.tasks import find_homeless
from tests.factories import Room, make_enterprise, make_listing, make_room
from tests.support.app import BOTH
from tests.support.partner import HOLDS, Program, code

pytestmark = pytest.mark.parametrize("database_kind", BOTH)
BOOKINGS = "/partner/v1/bookings"
EVENTS = "/partner/v1/events"
FEED = "/partner/v1/feed/listings"


def events(program: Program) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.get(EVENTS).json["items"]
    return found


class TestView:
    def test_get_is_the_last_event(self, partner: Program, loaded: Room) -> None:
        booking_id = partner.confirmed(loaded, children_ages=[7], rooms=2)
        held, confirmed = events(partner)
        view = partner.get(f"{BOOKINGS}/{booking_id}").json
        assert view == confirmed["view"]
        assert (confirmed["id"], confirmed["subject"]) == (
            f"evt_{confirmed['number']}",
            f"booking:{booking_id}",
        )
        assert confirmed["what"] == {
            "reason": None,
            "fee_fen": 0,
            "refund_fen": 0,
            "due_on": None,
            "total_before_fen": 80_000,
            "total_after_fen": 80_000,
        }
        assert (held["view"]["state"], view["state"], view["version"]) == ("held", "confirmed", 2)
        assert view["party"] == {"adults": 2, "ages": [7]}
        assert view["items"][0]["runs"] == [
            {"first": "2027-06-10", "last": "2027-06-11", "list_fen": 40_000, "net_fen": 40_000}
        ]
        assert [unit["net_fen"] for unit in view["units"]] == [40_000, 40_000]
        assert view["money"]["owed_fen"] == 80_000
        told = str(events(partner))
        assert "王秀英" not in told
        assert "13800138000" not in told

    def test_a_hold_past_its_time_reads_expired(
        self, partner: Program, clock: SetClock, loaded: Room
    ) -> None:
        booking_id = partner.held(loaded)
        clock.advance(minutes=30)
        view = partner.get(f"{BOOKINGS}/{booking_id}").json
        assert (view["state"], view["units"][0]["state"]) == ("expired", "expired")
        assert events(partner)[-1]["view"]["state"] == "held", "what was told stays"

    def test_who_cancelled_and_why_is_shown_for_ever(
        self, partner: Program, clock: SetClock, loaded: Room
    ) -> None:
        booking_id = partner.confirmed(loaded)
        clock.advance(minutes=31)
        partner.post(f"{HOLDS}/{booking_id}/cancel", {"reason": "health"})
        ending = {
            "by": "partner",
            "reason": "health",
            "at": "2027-06-01T04:31:00Z",
            "fee_fen": 16_000,
            "refund_fen": 24_000,
            "nights_used": 0,
        }
        assert partner.get(f"{BOOKINGS}/{booking_id}").json["ending"] == ending
        assert partner.get(f"{HOLDS}/{booking_id}").json["ending"] == ending

    def test_it_is_seen_by_its_own_kind_of_key_alone(
        self, partner: Program, rival: Program, trial: Program, loaded: Room
    ) -> None:
        own, tried = partner.held(loaded), trial.held(loaded)
        for program, booking_id in [(rival, own), (trial, own), (partner, tried)]:
            assert code(program.get(f"{BOOKINGS}/{booking_id}")) == (404, "not_found")
        assert [event["subject"] for event in events(trial)] == [f"booking:{tried}"]
        assert events(rival) == []


@pytest.mark.parametrize("path", [FEED, EVENTS])
class TestCursor:
    def test_next_carries_the_change_number(
        self, partner: Program, loaded: Room, path: str
    ) -> None:
        partner.held(loaded)
        page = partner.get(f"{path}?limit=1").json
        number = page["items"][0].get("number") or page["items"][0]["modified"]
        assert page["next"].endswith(f"{path}?afterChangeNumber={number}&limit=1")
        by_old_name = partner.get(f"{path}?after={number}").json
        assert (
            by_old_name["items"] == partner.get(f"{path}?afterChangeNumber={number}").json["items"]
        )

    def test_one_beyond_the_end_is_refused_with_a_reason(
        self, partner: Program, services: Services, loaded: Room, path: str
    ) -> None:
        partner.held(loaded)
        changes.sequence(services.database)
        log = numbering.Log.CHANGES if path == FEED else numbering.Log.EVENTS
        with services.database.read() as session:
            last = numbering.last_number(session, log)
        assert partner.get(f"{path}?afterChangeNumber={last}").status_code == 200
        end = partner.get(f"{path}?afterChangeNumber={2**53 - 1}").json
        assert end["items"] == [], "how RPDE's validator asks for the last page"
        for beyond in (last + 1, 2**40 + 1, 2**53, 2**63 - 1):
            refused = partner.get(f"{path}?afterChangeNumber={beyond}")
            assert code(refused) == (400, "cursor_unknown")
            assert "never given" in refused.json["detail"]

    @pytest.mark.parametrize("query", ["after=1&afterChangeNumber=1", "afterChangeNumber=-1"])
    def test_what_is_no_cursor_is_named(self, partner: Program, path: str, query: str) -> None:
        refused = partner.get(f"{path}?{query}")
        assert code(refused) == (422, "invalid")
        assert list(refused.json["fields"]) == [query.split("=", maxsplit=1)[0]]

    def test_after_a_restore_a_reader_goes_on(
        self, partner: Program, services: Services, clock: SetClock, loaded: Room, path: str
    ) -> None:
        partner.held(loaded)
        changes.sequence(services.database)
        with services.database.write() as session:
            logs = numbering.Log.CHANGES if path == FEED else numbering.Log.EVENTS
            kept = numbering.last_number(session, logs)
            assert numbering.begin_epoch(session, least=1, now=clock.now()) == 1
        assert partner.get(f"{path}?afterChangeNumber={kept}").json["items"] == []
        lost = partner.get(f"{path}?afterChangeNumber={kept + 5}")
        assert code(lost) == (410, "restored")
        assert lost.json["after_change_number"] == kept
        with services.database.write() as session:
            make_listing(session, enterprise_id=loaded.enterprise_id)
        partner.held(loaded, external_ref="A-2")
        (item,) = partner.get(f"{path}?afterChangeNumber={kept}").json["items"]
        assert (item.get("number") or item["modified"]) == 2**40 + 512 * seconds_by(clock.now()) + 1


class TestRehousing:
    @pytest.fixture
    def neighbour(self, services: Services) -> Room:
        with services.database.write() as session:
            listing = make_listing(session, enterprise_id=make_enterprise(session))
            return make_room(session, listing_id=listing, list_fen=15_000)

    @pytest.fixture
    def waiting(self, partner: Program, services: Services, loaded: Room, neighbour: Room) -> str:
        """A confirmed booking whose house was stopped."""
        booking_id = partner.confirmed(loaded)
        now = services.clock.now()
        with services.database.write() as session:
            suspend(
                session, enterprise_id=loaded.enterprise_id, reason="检查", actor=SYSTEM, now=now
            )
        with services.database.write() as session:
            rehousing_queue.open_queue(session, now=now)
        return booking_id

    def offer(self, services: Services, room: Room) -> None:
        with services.database.write() as session:
            rehousing_service.offer(
                session,
                rehousing_id=session.scalars(sa.select(Rehousing.id)).one(),
                places=[(room.room_type_id,)],
                actor=SYSTEM,
                now=services.clock.now(),
            )

    def test_a_suspension_reaches_the_partner(self, partner: Program, waiting: str) -> None:
        told = events(partner)[-1]
        assert (told["type"], told["what"]["state"]) == ("booking.rehousing", "open")
        shown = partner.get(f"{HOLDS}/{waiting}").json
        assert (shown["state"], shown["rehousing"]["state"]) == ("confirmed", "open")

    def test_the_partner_accepts_once(
        self,
        partner: Program,
        rival: Program,
        services: Services,
        waiting: str,
        neighbour: Room,
    ) -> None:
        path = f"{BOOKINGS}/{waiting}/rehousing"
        assert code(partner.post(f"{path}/decline")) == (409, "nothing_offered")
        self.offer(services, neighbour)
        (place,) = partner.get(f"{BOOKINGS}/{waiting}").json["rehousing"]["offers"]
        assert place["total_fen"] == 30_000
        wish = {"offer": place["offer"]}
        assert code(rival.post(f"{path}/accept", wish)) == (404, "not_found")
        assert code(partner.post(f"{path}/accept", {"offer": 999})) == (404, "not_found")
        assert code(partner.post(f"{path}/accept", {})) == (422, "invalid")
        moved = partner.post(f"{path}/accept", wish, once="the-one")
        assert moved.status_code == 200
        assert (moved.json["room_type"], moved.json["total_fen"]) == (
            neighbour.room_type_id,
            30_000,
        )
        assert moved.json == partner.get(f"{HOLDS}/{waiting}").json
        again = partner.post(f"{path}/accept", wish, once="the-one")
        assert (again.data, again.headers["Idempotent-Replayed"]) == (moved.data, "true")
        assert code(partner.post(f"{path}/accept", wish)) == (409, "rehousing_settled")
        assert code(partner.post(f"{path}/decline")) == (409, "rehousing_settled")
        told = events(partner)[-1]
        assert (told["by"], told["what"]["state"], told["what"]["refund_fen"]) == (
            *("partner", "moved"),
            10_000,
        )

    def test_the_partner_declines_and_the_office_is_told(
        self, partner: Program, services: Services, waiting: str, neighbour: Room
    ) -> None:
        self.offer(services, neighbour)
        declined = partner.post(f"{BOOKINGS}/{waiting}/rehousing/decline")
        assert declined.json["rehousing"]["state"] == "open"
        assert declined.json["rehousing"]["declined_at"] == "2027-06-01T04:00:00Z"
        with services.database.read() as session:
            assert session.scalars(sa.select(StaffTask.kind)).all() == ["rehousing_declined"]
        back = partner.post(f"{HOLDS}/{waiting}/cancel", {"expected_refund_fen": 40_000})
        assert back.json["rehousing"]["state"] == "refunded"

    def test_if_it_does_not_answer_the_office_calls(
        self,
        partner: Program,
        services: Services,
        clock: SetClock,
        waiting: str,
        neighbour: Room,
    ) -> None:
        self.offer(services, neighbour)
        assert partner.get(f"{BOOKINGS}/{waiting}").json["rehousing"]["deadline"] == (
            "2027-06-02T04:00:00Z"
        )

        def tasks() -> list[tuple[str, str | None]]:
            find_homeless(services)
            with services.database.read() as session:
                rows = session.execute(sa.select(StaffTask.kind, StaffTask.booking_id))
                return [(row.kind, row.booking_id) for row in rows]

        clock.advance(hours=23)
        assert tasks() == []
        clock.advance(hours=1)
        assert tasks() == tasks() == [("rehousing_unanswered", waiting)]
        offers = partner.get(f"{BOOKINGS}/{waiting}").json["rehousing"]["offers"]
        late = partner.post(f"{BOOKINGS}/{waiting}/rehousing/accept", {"offer": offers[0]["offer"]})
        assert late.json["rehousing"]["state"] == "moved"
        with services.database.read() as session:
            to_guests = sa.select(Message.id).where(Message.audience == Audience.GUEST)
            assert session.scalars(to_guests).all() == [], "the partner tells its own guests"
