"""Web processes that never look again at what changed: what the product's own must not be."""

from __future__ import annotations

import dataclasses

from flask import Flask

from app import create_app
from catalog.search.search_service import Words
from marketplace.bootstrap import build
from marketplace.offers.matrix.matrix_sync import Follower
from marketplace.settings import Settings

AN_HOUR = 3600.0


def to_stock() -> Flask:
    """Build the application with a matrix that stays as it was at the first question."""
    own = build(Settings())
    follower = Follower(own.database, own.clock, poll_seconds=AN_HOUR)
    return create_app(services=dataclasses.replace(own, follower=follower))


def to_words() -> Flask:
    """Build the application with words that stay as they were at the first question."""
    own = build(Settings())
    words = Words(own.index, own.database, poll_seconds=AN_HOUR)
    return create_app(services=dataclasses.replace(own, words=words))
