"""The floor: the least that Flask and SQLAlchemy do for such answers, on the same database.

It knows no keys, limits, prices, guests or trail; it only never sells a night twice.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask import Flask, Response, abort, jsonify, render_template_string, request

from catalog.models import Listing
from marketplace.inventory.models import StockDay, StockPool
from marketplace.kernel.db import Database
from marketplace.pricing.models import NightRate
from marketplace.settings import Settings

METADATA = sa.MetaData()
DAY = sa.Table(
    "floor_day",
    METADATA,
    sa.Column("pool_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("taken", sa.Integer, nullable=False),
)
BOOKING = sa.Table(
    "floor_booking",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("pool_id", sa.Integer, nullable=False),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
)
PAGE = (
    "<h1>Stays</h1>{% for row in rows %}<p>{{ row.name_zh }} {{ row.summary_zh }}</p>{% endfor %}"
)
ROWS = 40


def application(database: Database | None = None) -> Flask:
    """Return the service on the database of the settings."""
    database = database or Database(Settings().database)
    app = Flask("floor")
    wanted = (DAY.c.pool_id == sa.bindparam("pool")) & DAY.c.day.between(
        sa.bindparam("first"), sa.bindparam("last")
    )
    lock = sa.select(DAY.c.day).where(wanted).order_by(DAY.c.day).with_for_update()
    free = DAY.c.taken < DAY.c.capacity
    take = sa.update(DAY).where(wanted, free).values(taken=DAY.c.taken + 1)
    insert = sa.insert(BOOKING).returning(BOOKING.c.id)

    @app.get("/hello")
    def hello() -> str:
        return "Hello"

    @app.post("/book")
    def book() -> Response:
        asked = request.get_json()
        first, nights = dt.date.fromisoformat(asked["arrive"]), asked["nights"]
        days = {"pool": asked["pool"], "first": first, "last": first + dt.timedelta(nights - 1)}
        with database.write() as session:
            run = session.connection().execute
            run(lock, days)
            if run(take, days).rowcount != nights:
                abort(409)
            row = {"pool_id": asked["pool"], "first_day": first, "last_day": days["last"]}
            return jsonify(id=run(insert, row).scalar_one())

    @app.get("/availability")
    def availability() -> Response:
        first = dt.date.fromisoformat(request.args["arrive"])
        nights = int(request.args["nights"])
        left = sa.func.min(sa.case((StockDay.closed, 0), else_=StockDay.capacity - StockDay.taken))
        same = (NightRate.room_type_id == StockPool.room_type_id) & (NightRate.day == StockDay.day)
        query = (
            sa.select(StockPool.room_type_id, left, sa.func.sum(NightRate.list_fen))
            .join(StockDay, StockDay.pool_id == StockPool.id)
            .join(NightRate, same)
            .where(StockDay.day >= first, StockDay.day < first + dt.timedelta(nights))
            .group_by(StockPool.room_type_id)
            .having(sa.func.count() == nights, left >= 1)
        )
        if room := request.args.get("room_type"):
            query = query.where(StockPool.room_type_id == int(room))
        with database.read() as session:
            return jsonify([list(map(int, row)) for row in session.execute(query)])

    @app.get("/page")
    def page() -> str:
        with database.read() as session:
            query = sa.select(Listing.name_zh, Listing.summary_zh).limit(ROWS)
            return render_template_string(PAGE, rows=session.execute(query).all())

    return app
