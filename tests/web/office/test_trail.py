"""The audit trail and the tasks of the office."""

from __future__ import annotations

import csv
import datetime as dt
import io

import sqlalchemy as sa

from marketplace import tasks
from marketplace.staff.models import User
from marketplace.staff_tasks.models import StaffTask
from marketplace.staff_tasks.service import new_task, open_task
from tests.factories import TODAY
from tests.support.staff import Browser, House

DAY = dt.timedelta(days=1)


class TestTrail:
    def test_who_did_what_to_what(self, office: Browser, house: House) -> None:
        booking_id = house.booked()
        page = office.open("/office/trail")
        assert "保留房间" in page
        assert "待封存" in page
        only = office.open(f"/office/trail?subject=booking&id={booking_id}")
        assert "订单成立" in only
        assert ">新增账号</td>" not in only
        assert "共 1 条" in office.open("/office/trail?action=booking.confirmed")
        tasks.seal_audit(house.services)
        assert ">已封存<" in office.open("/office/trail")

    def test_days_are_whole_and_local(self, office: Browser, house: House) -> None:
        house.clock.set(dt.datetime(2027, 6, 3, 16, 30, tzinfo=dt.UTC))
        office.sign_in("clerk")
        house.desk.hold()
        local = dt.date(2027, 6, 4)
        query = "/office/trail?action=booking.held"
        assert "共 1 条" in office.open(f"{query}&first={local}&last={local}")
        assert "没有符合条件的记录" in office.open(f"{query}&last={local - DAY}")
        assert "没有符合条件的记录" in office.open(f"{query}&first={local + DAY}")

    def test_pages(self, office: Browser, house: House) -> None:
        for number in range(26):
            house.desk.hold(
                arrive=TODAY + number * 2 * DAY,
                nights=1,
                phone=f"139000002{number:02d}",
                address=f"10.3.0.{number}",
            )
            house.desk.hold(
                arrive=TODAY + number * 2 * DAY,
                nights=1,
                phone=f"139000003{number:02d}",
                address=f"10.4.0.{number}",
            )
        page = office.open("/office/trail?action=booking.held")
        assert "共 52 条" in page
        assert "action=booking.held" in page.split("page=2")[1][:40]
        assert office.open("/office/trail?action=booking.held&page=2").count("<tr>") == 3

    def test_the_file_has_every_fact_and_no_formula(self, office: Browser, house: House) -> None:
        booking_id = house.booked(phone="13912345678")
        answer = office.client.get("/office/trail.csv?subject=booking")
        text = answer.get_data().decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        assert [row[3] for row in rows[1:]] == [
            "booking.confirmed",
            "payment.received",
            "booking.held",
        ]
        assert {row[5] for row in rows[1:]} == {booking_id}
        assert "13912345678" not in text
        assert "王秀英" not in text


class TestTasks:
    def test_done_once_and_noted(self, office: Browser, house: House) -> None:
        with house.services.database.write() as session:
            told = new_task(
                kind="wrong_amount", key="suspense:1", booking_id=None, amount_fen=12_300
            )
            open_task(session, told, now=house.clock.now())
            task_id = session.scalar(sa.select(StaffTask.id))
        page = office.open("/office/tasks")
        assert "收到的金额与订单不一致" in page
        assert "amount_fen" not in page
        assert "¥123" in page
        assert "没有待办" in office.send(f"/office/tasks/{task_id}/done")
        assert "先前已经办结" in office.send(f"/office/tasks/{task_id}/done")
        assert "收到的金额与订单不一致" in office.open("/office/tasks?state=done")
        assert "共 1 条" in office.open("/office/trail?action=task.done")
        office.send("/office/tasks/999/done", expect=404)


class TestRoles:
    def test_nobody_sees_the_other_console(
        self, office: Browser, operator: Browser, house: House
    ) -> None:
        for url in (
            "/operator/",
            "/operator/arrivals",
            "/operator/bookings",
            "/operator/bookings.csv",
            "/operator/check-in",
            "/operator/calendar",
            "/operator/calendar/edit",
            "/operator/blocks",
        ):
            office.open(url, expect=403)
        for url in ("/office/", "/office/trail", "/office/trail.csv", "/office/tasks"):
            operator.open(url, expect=403)

    def test_an_account_that_was_ended_is_out_at_once(
        self, operator: Browser, house: House
    ) -> None:
        with house.services.database.write() as session:
            session.execute(sa.update(User).values(disabled_at=house.clock.now()))
        assert operator.client.get("/operator/").status_code == 302
