"""What the operator's tests share: who must see nothing of it, and who may settle stays."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.bootstrap import Services
from marketplace.staff.models import User
from marketplace.staff.roles import Role
from tests.support.staff import SECRET, Browser, House, make_staff


@pytest.fixture
def stranger(app: Flask, services: Services, neighbour: House) -> Browser:
    """Another enterprise's operator, signed in."""
    make_staff(services, "next door", Role.OPERATOR, neighbour.room.enterprise_id)
    signed_in = Browser(app.test_client())
    signed_in.sign_in("next door")
    return signed_in


@pytest.fixture
def settler(app: Flask, services: Services, operator: Browser) -> Browser:
    """The front desk with a second factor."""
    with services.database.write() as session:
        session.execute(sa.update(User).where(User.login == "front").values(totp_secret=SECRET))
    return operator
