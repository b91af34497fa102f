"""Two people of the office, and cases to review."""

from __future__ import annotations

import pytest
from flask import Flask

from catalog.office.cases import handler_registry
from catalog.vocabulary import CaseKind
from marketplace.bootstrap import Services
from tests.support.review import Counter, Leaflet, enter
from tests.support.staff import Browser, House


@pytest.fixture
def counter(services: Services, house: House, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Where cases about the house are made; they are of the tests' own kind."""
    monkeypatch.setitem(handler_registry.HANDLERS, CaseKind.ENTERPRISE, Leaflet())
    return Counter(services.database, house.room.enterprise_id)


@pytest.fixture
def clerk(app: Flask, counter: Counter) -> Browser:
    """Somebody of the office who takes the cases up."""
    return enter(Browser(app.test_client()), counter.person("clerk"))


@pytest.fixture
def colleague(app: Flask, counter: Counter) -> Browser:
    """Somebody else of the office."""
    return enter(Browser(app.test_client()), counter.person("colleague"))
