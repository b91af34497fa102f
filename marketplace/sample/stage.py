"""Where the sample's guests act: the services of the product, at a clock that is moved by hand.

What an act owes to the world is settled at once and stays in the house: payments and refunds go to
the simulated gateway, and no message leaves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.effects import SuspensionBegan, SuspensionEnded
from catalog.models import Enterprise, Listing, RoomType
from marketplace.booking import handlers as booking
from marketplace.booking.effects import ClosePayments, TellOfBooking
from marketplace.booking.lifecycle import scheduled_jobs
from marketplace.bootstrap import Services
from marketplace.inventory.models import StockPool
from marketplace.kernel import outbox
from marketplace.kernel.audit import SYSTEM, Actor, ActorKind
from marketplace.kernel.clock import SetClock
from marketplace.kernel.db import Database
from marketplace.kernel.effects import Routes, on
from marketplace.kernel.ids import RandomIds
from marketplace.kernel.unit_of_work import UnitOfWork
from marketplace.notify import booking_notices
from marketplace.partners import keys
from marketplace.partners.commands.caller import Caller, Surface
from marketplace.partners.commands.conditions import Conditions
from marketplace.partners.models import Partner, PartnerKey
from marketplace.payments.effects import SubmitRefund
from marketplace.payments.gateways import gateway_calls
from marketplace.payments.gateways.registry import Gateways
from marketplace.payments.gateways.simulated import SimulatedAction, SimulatedGateway
from marketplace.payments.models import Refund
from marketplace.staff.models import User
from marketplace.staff.roles import Role

PARTNER = "示例平台（虚构）"
CREDIT_FEN = 50_000_000
PER_MINUTE = 600
NOTICES_KEPT = dt.timedelta(days=3)
"""Messages about what is older are not written: nobody waits for them."""


class Otherwise(Exception):
    """Things are not as the story was written: this was done before, or something else was."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room type of the sample, and whose it is."""

    room_type_id: int
    pool_id: int
    enterprise_id: int
    host: str
    """The name of the enterprise."""


class StoryIds(RandomIds):
    """Gives a booking the id of its story, and everything else a random one."""

    def __init__(self, booking_id: str) -> None:
        """Have ``booking_id`` given first."""
        self._first: str | None = booking_id

    def new_id(self) -> str:
        """Return the story's id, and after it random ones."""
        given, self._first = self._first, None
        return given or super().new_id()


class Stage:
    """A database, a clock, and the gateway that plays the world."""

    def __init__(self, services: Services) -> None:
        """Prepare for the installation of ``services``, whose clock tells when all this ends."""
        self.settings = services.settings
        self.ends = services.clock.now()
        self._sender = services.sender
        self.clock = SetClock(self.ends)
        self.ids = RandomIds()
        # Engines of its own: what is owed is noted here and nudges nobody.
        self.database = Database(services.database.url)
        self._owed: list[int] = []
        self.database.session_info["nudge"] = self._owed.append
        self.gateway = SimulatedGateway(
            self.database,
            clock=self.clock,
            ids=self.ids,
            secret=tuple(key.decode() for _, key in services.keyring.webhook),
            base_url=services.settings.base_url,
        )
        self.gateways = Gateways(self.gateway)
        with self.database.read() as session:
            self.rooms = _rooms(session)
            self._staff: dict[int | None, int] = dict(
                session.execute(
                    sa.select(User.enterprise_id, sa.func.min(User.id))
                    .where(User.role.in_({Role.OPERATOR, Role.OFFICE}), User.disabled_at.is_(None))
                    .group_by(User.enterprise_id)
                ).all()
            )

    @property
    def money(self) -> scheduled_jobs.Money:
        """What the sweeps need."""
        return scheduled_jobs.Money(self.database, self.gateways, self.clock, self.ids)

    @property
    def now(self) -> dt.datetime:
        """The moment that is played."""
        return self.clock.now()

    @property
    def office(self) -> Actor:
        """Who acts for the directory office: somebody with an account, or the installation."""
        return self._member(None)

    def host_of(self, enterprise_id: int) -> Actor:
        """Return who acts for a house: somebody with an account, or the installation."""
        return self._member(enterprise_id)

    def _member(self, enterprise_id: int | None) -> Actor:
        user_id = self._staff.get(enterprise_id)
        return SYSTEM if user_id is None else Actor(ActorKind.STAFF, str(user_id))

    def partner(self) -> Caller:
        """Return the sample's platform as a caller, made when it is not there.

        Its key is known to nobody; ``partner-key --rotate`` gives one that can be used.
        """
        with self.database.write() as session:
            if session.scalar(sa.select(Partner.id).where(Partner.name == PARTNER)) is None:
                keys.issue(
                    UnitOfWork(session, now=self.now, actor=SYSTEM, ids=self.ids),
                    keys.NewKey(
                        name=PARTNER,
                        test=False,
                        rotate=False,
                        credit_limit_fen=CREDIT_FEN,
                        per_minute=PER_MINUTE,
                    ),
                )
            partner = session.scalars(sa.select(Partner).where(Partner.name == PARTNER)).one()
            key_id = session.scalars(
                sa.select(sa.func.min(PartnerKey.id)).where(PartnerKey.partner_id == partner.id)
            ).one()
        return Caller(
            key_id=key_id,
            partner_id=partner.id,
            name=partner.name,
            test=False,
            surface=Surface.STAYS,
            per_minute=PER_MINUTE,
            credit_limit_fen=partner.credit_limit_fen,
        )

    @property
    def conditions(self) -> Conditions:
        """On which conditions the platform books."""
        return Conditions(self.settings.commission_bp)

    def press(self, payment_id: str, action: SimulatedAction) -> None:
        """Open a payment at the gateway and press a button there; we are not told yet."""
        address = gateway_calls.open_checkout(
            self.database,
            self.gateways,
            payment_id=payment_id,
            return_url=f"{self.settings.base_url}/booking",
            clock=self.clock,
        )
        self.gateway.press(address.rsplit("/", 1)[1], action)

    def settle(self) -> None:
        """Do what is owed since the last time."""
        while self._owed:
            owed, self._owed[:] = list(self._owed), []
            with self.database.read() as session:
                rows = session.scalars(
                    sa.select(outbox.OutboxRow).where(outbox.OutboxRow.id.in_(owed))
                ).all()
            for row in rows:
                self._effect(row)
            self._done(owed)

    def _effect(self, row: outbox.OutboxRow) -> None:
        if row.topic in ROUTES:
            ROUTES.handle(self, topic=row.topic, key=row.key, payload=row.payload)

    def refund(self, owed: SubmitRefund) -> None:
        """Send a refund, and hear at once what became of it."""
        gateway_calls.submit_refund(
            self.database, self.gateways, refund_id=owed.refund_id, clock=self.clock
        )
        with self.database.read() as session:
            ref = session.get_one(Refund, owed.refund_id).ref
        if ref is not None:
            gateway_calls.apply_refund_ref(
                self.database,
                self.gateways,
                gateway=self.gateway.name,
                ref=ref,
                clock=self.clock,
            )

    def tell(self, owed: TellOfBooking) -> None:
        """Put down what is told of late; nothing is sent: the guests of the sample are nobody."""
        if self.now > self.ends - NOTICES_KEPT:
            with self.database.write() as session:
                booking_notices.write_about_booking(session, owed, self._sender, now=self.now)

    def _done(self, owed: Sequence[int]) -> None:
        with self.database.write() as session:
            for row_id in owed:
                outbox.settle(session, row_id, now=self.now)


ROUTES: Routes[Stage] = Routes(
    on(SubmitRefund, Stage.refund),
    on(TellOfBooking, Stage.tell),
    on(ClosePayments, booking.close_payments),
    on(SuspensionBegan, booking.open_rehousing),
    on(SuspensionEnded, booking.close_rehousing),
)
"""What of the owed is done here; everything else leads out of the house."""


def _rooms(session: Session) -> dict[str, Room]:
    rows = session.execute(
        sa.select(
            RoomType.code,
            RoomType.id,
            StockPool.id,
            Listing.enterprise_id,
            Enterprise.name_zh,
        )
        .join(StockPool, StockPool.room_type_id == RoomType.id)
        .join(Listing, Listing.id == RoomType.listing_id)
        .join(Enterprise, Enterprise.id == Listing.enterprise_id)
        .where(Enterprise.is_sample)
    )
    return {row[0]: Room(row[1], row[2], row[3], row[4]) for row in rows}
