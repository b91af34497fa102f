"""Between the views and the commands: who asks on which conditions, and what is said of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from marketplace.kernel.wishes import Answer, Voice, Wish
from marketplace.partners.commands import command_runner
from marketplace.partners.commands.conditions import Conditions
from marketplace.partners.queries import Sale
from marketplace.web.context import now, services, unit_of_work
from marketplace.web.partner_api import schemas, serializers
from marketplace.web.partner_api.authentication import caller


def run(session: Session, command: Any, wish: Wish | None, voice: Voice[Any]) -> Answer:
    """Run a command of the partner that calls, at this moment and on the conditions here."""
    asking = caller()
    return command_runner.run(
        unit_of_work(session, asking.actor),
        caller=asking,
        command=command,
        wish=wish,
        voice=voice,
        conditions=Conditions(services().settings.commission_bp, services().caps),
    )


def said_booking(sale: Sale) -> schemas.Booking:
    """Say how a booking stands at this moment."""
    return serializers.booking(sale, now())


def said_cancelled(sale: Sale) -> schemas.Cancelled:
    """Say what cancelling a booking kept and gave back."""
    return serializers.cancelled(sale, now())
