"""Fixtures of the payment tests."""

from __future__ import annotations

import pytest

from marketplace.kernel.db import Database
from tests.service.payments.support import Desk, make_desk


@pytest.fixture
def desk(database: Database) -> Desk:
    """Return a desk on an empty database of each kind."""
    return make_desk(database)
