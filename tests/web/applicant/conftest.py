"""What the tests of the steps share: the ground, an applicant at the door, and the office."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.bootstrap import Services
from marketplace.staff.roles import Role
from tests.support.entering import Applicant, Office, make_ground
from tests.support.staff import Browser, make_staff


@pytest.fixture
def ground(services: Services) -> Services:
    """Counties, stations, and JL001 from public sources."""
    make_ground(services.database)
    return services


@pytest.fixture
def person(app: Flask, ground: Services) -> Applicant:
    """Somebody who has an account and an empty application."""
    somebody = Applicant(Browser(app.test_client()), ground)
    somebody.join()
    return somebody


@pytest.fixture
def reviewer(services: Services) -> Office:
    """The office's reviewer."""
    make_staff(services, "reviewer", Role.OFFICE, None)
    office = Office(services)
    office.reviewer_id = office.user("reviewer").id
    return office
