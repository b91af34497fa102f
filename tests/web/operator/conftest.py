"""What the operator's tests share: who must see nothing of it."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.bootstrap import Services
from marketplace.staff.roles import Role
from tests.support.staff import Browser, House, make_staff


@pytest.fixture
def stranger(app: Flask, services: Services, neighbour: House) -> Browser:
    """Another enterprise's operator, signed in."""
    make_staff(services, "next door", Role.OPERATOR, neighbour.room.enterprise_id)
    signed_in = Browser(app.test_client())
    signed_in.sign_in("next door")
    return signed_in
