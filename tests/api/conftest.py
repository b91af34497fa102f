"""Two partners' programs, and one with a test key."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.bootstrap import Services
from tests.support.partner import Program, issue


@pytest.fixture
def partner(app: Flask, services: Services) -> Program:
    return Program(app, issue(services))


@pytest.fixture
def rival(app: Flask, services: Services) -> Program:
    return Program(app, issue(services, "南方旅行"))


@pytest.fixture
def trial(app: Flask, services: Services) -> Program:
    """The same partner as ``partner``, with a test key."""
    return Program(app, issue(services, test=True))
