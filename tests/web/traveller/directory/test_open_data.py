"""The directory as open data: what is in it, what never is, and how it is asked for again."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalog import service
from catalog.models import Enterprise, EnterpriseGrade
from catalog.vocabulary import Category, Cluster, GradeScheme
from marketplace.bootstrap import Services
from marketplace.kernel.audit import SYSTEM
from marketplace.kernel.clock import SetClock
from marketplace.web.protection import limits
from marketplace.web.traveller.directory.open_data_files import FIELDS, SITE_FIELDS, csv_heads
from tests.factories import NOW, make_enterprise
from tests.web.traveller.visitor import Visitor

JSON, CSV = "/open/directory.json", "/open/directory.csv"


@pytest.fixture
def keys(services: Services) -> dict[str, int]:
    """Three real entries and a sample."""
    with services.database.write() as session:
        found = {
            "JL001": make_enterprise(
                session, code="JL001", is_sample=False, name_zh='=cmd|"x"', note_zh="一，二\n三",
                adcode="222426", clusters=(Cluster.JIAN, Cluster.CHANGBAI), source_date="2020-08",
                category=Category.SCENIC_4A, legal_name="秘密公司",
                credit_code="91220101MA0000000X",
            ),
            "JL002": make_enterprise(
                session, code="JL002", is_sample=False, planned=True, clusters=()
            ),
            "JL003": make_enterprise(
                session, code="JL003", is_sample=False, claimed=True, checked_at=NOW
            ),
            "SMP1": make_enterprise(session, code="SMP1"),
        }  # fmt: skip
        session.add(
            EnterpriseGrade(
                enterprise_id=found["JL001"], scheme=GradeScheme.A_LEVEL, value="4A", as_of="2020"
            )
        )
    return found


def get(client: FlaskClient, address: str = JSON, **headers: str) -> TestResponse:
    return client.get(address, headers={name.replace("_", "-"): v for name, v in headers.items()})


def loaded(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(get(client).data)
    return found


def codes(client: FlaskClient) -> list[str]:
    return [one["code"] for one in loaded(client)["records"]]


def suspend(services: Services, key: int, now: dt.datetime = NOW) -> None:
    with services.database.write() as session:
        service.suspend(session, enterprise_id=key, reason="检查", actor=SYSTEM, now=now)


def test_a_header_that_explains_and_records_that_keep_to_it(
    client: FlaskClient, keys: dict[str, int]
) -> None:
    found = loaded(client)
    header, records = found["header"], found["records"]
    assert header["licence"] == "CC-BY-4.0"
    assert "GeoNames" in header["licence_note"]["zh"]
    assert header["count"] == len(records) == 3
    assert sum(header["completeness"]["records"].values()) == 3
    assert sum(header["freshness"].values()) == 3
    assert header["lacking"]["verified"] == {"lack": 2, "of": 3}
    assert header["fields"] == FIELDS
    assert all(list(one) == list(FIELDS) for one in records)
    assert all(list(site) == list(SITE_FIELDS) for one in records for site in one["sites"])
    first = records[0]
    assert first["clusters"] == ["changbai", "jian"]
    assert first["grades"] == [{"scheme": "a_level", "value": "4A", "as_of": "2020"}]
    assert first["sites"][0]["coord_error_km"] == 8.0
    assert first["url"].endswith("/directory/JL001")
    assert (first["freshness"], first["checked_on"]) == ("over_3_years", None)
    assert [one["status"] for one in records] == ["unclaimed", "planned", "listed"]
    assert (records[2]["checked_on"], records[2]["freshness"]) == ("2027-06-01", "up_to_1_year")


def test_neither_samples_nor_anything_about_the_business_behind(
    client: FlaskClient, keys: dict[str, int]
) -> None:
    for address in (JSON, f"{JSON}?samples=1", CSV, f"{CSV}?samples=1"):
        text = get(client, address).get_data(as_text=True)
        assert "JL001" in text
        for secret in ("SMP1", "秘密公司", "91220101MA0000000X"):
            assert secret not in text


def test_what_is_suspended_is_out_at_once_and_back_when_it_is_listed(
    client: FlaskClient, services: Services, keys: dict[str, int]
) -> None:
    assert codes(client) == ["JL001", "JL002", "JL003"]
    before = get(client)
    suspend(services, keys["JL001"], NOW + dt.timedelta(seconds=5))
    after = get(client, If_None_Match=before.headers["ETag"])
    assert after.status_code == 200
    assert codes(client) == ["JL002", "JL003"]
    assert after.headers["Last-Modified"] > before.headers["Last-Modified"]
    assert "JL001" not in get(client, CSV).get_data(as_text=True)
    with services.database.write() as session:
        service.reinstate(
            session, enterprise_id=keys["JL001"], actor=SYSTEM, now=NOW + dt.timedelta(seconds=9)
        )
    assert codes(client) == ["JL001", "JL002", "JL003"]
    suspend(services, keys["JL001"])
    with services.database.write() as session:
        service.delist(session, enterprise_id=keys["JL001"], actor=SYSTEM, now=NOW)
    assert codes(client) == ["JL002", "JL003"]


@pytest.mark.parametrize("address", [JSON, CSV])
def test_asked_again_with_its_tag_it_says_not_changed(
    client: FlaskClient, keys: dict[str, int], address: str
) -> None:
    first = get(client, address)
    tag = first.headers["ETag"]
    assert tag.startswith('"'), "a strong tag"
    assert first.headers["Cache-Control"] == "public, no-cache"
    assert "Set-Cookie" not in first.headers
    again = get(client, address, If_None_Match=tag)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    since = get(client, address, If_Modified_Since=first.headers["Last-Modified"])
    assert since.status_code == 304
    assert get(client, address, If_None_Match='"other"').data == first.data
    head = client.head(address)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == tag
    assert int(head.headers["Content-Length"]) == len(first.data)
    english = get(client, f"/en{address}")
    assert english.data == first.data, "one file for readers of both languages"


def test_growing_older_changes_it_too(
    client: FlaskClient, services: Services, keys: dict[str, int], clock: SetClock
) -> None:
    before = get(client)
    clock.advance(days=366)
    assert get(client, If_None_Match=before.headers["ETag"]).status_code == 304
    clock.advance(days=1)
    after = get(client, If_Modified_Since=before.headers["Last-Modified"])
    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    assert json.loads(after.data)["records"][2]["freshness"] == "1_to_3_years"
    clock.advance(days=1)
    assert get(client, If_None_Match=after.headers["ETag"]).status_code == 304


def test_csv_says_the_same_and_runs_nothing(client: FlaskClient, keys: dict[str, int]) -> None:
    answer = get(client, CSV)
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert list(lines[0]) == csv_heads()
    records = loaded(client)["records"]
    assert lines[0]["name_zh"] == '\'=cmd|"x"'
    for line, record in zip(lines, records, strict=True):
        for name in ("code", "url", "note_zh", "status", "source_date", "licence", "freshness"):
            assert line[name] == record[name]
        assert line["clusters"].split(";") == (record["clusters"] or [""])
        assert line["missing"].split(";") == record["missing"]
        assert int(line["completeness"]) == record["completeness"]
        assert float(line["lat"]) == record["sites"][0]["lat"]
        assert line["checked_on"] == (record["checked_on"] or "")
    assert lines[0]["grades"] == "a_level=4A@2020"


def test_the_order_is_that_of_the_codes(client: FlaskClient, services: Services) -> None:
    with services.database.write() as session:
        for code in ("JL9", "JL10", "JL2"):
            make_enterprise(session, code=code, is_sample=False)
    assert codes(client) == ["JL10", "JL2", "JL9"]


def test_too_many_are_told_to_wait(
    client: FlaskClient, keys: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SEARCH", limits.parse("2 per minute"))
    assert [get(client).status_code for _ in range(3)] == [200, 200, 429]
    refused = get(client, CSV)
    assert refused.content_type == "application/problem+json"
    assert int(refused.headers["Retry-After"]) > 0


def test_the_page_tells_the_gaps_with_the_figures_of_today(
    visitor: Visitor, services: Services, keys: dict[str, int]
) -> None:
    visitor.samples = False  # the house of that name is a real one here
    page = visitor.open("/open")
    assert page.status == 200
    for words in (
        "现在有3条",
        "2处还没有企业认领",
        "2处名录办还没有核实",
        "1处只在规划中",
        "A级景区的等级是2020年到2020年",
        "3到8公里3处",
        "松原一处温泉也没有找到",
        "珲春集聚区还没有一处",
        "3处里缺2处",
        "CC BY 4.0",
        "GeoNames",
    ):
        assert words in page.text, words
    assert {JSON, CSV} <= set(page.links)
    node = json.loads(page.html.split('<script type="application/ld+json">')[1].split("<")[0])
    assert node["@type"] == "Dataset"
    assert [one["encodingFormat"] for one in node["distribution"]] == [
        "application/json",
        "text/csv",
    ]
    suspend(services, keys["JL002"])
    assert "现在有2条" in visitor.open("/open").text
    assert "/en/open" not in visitor.open("/en/open").links[0]
    for path in ("/directory", "/sources"):
        assert "/open" in visitor.open(path).links


def test_an_empty_directory_is_still_a_file(client: FlaskClient, visitor: Visitor) -> None:
    found = loaded(client)
    assert (found["records"], found["header"]["completeness"]["mean"]) == ([], None)
    assert len(list(csv.reader(io.StringIO(get(client, CSV).get_data(as_text=True))))) == 1
    assert visitor.open("/open").status == 200


def test_another_process_sees_it_too(
    client: FlaskClient, services: Services, keys: dict[str, int]
) -> None:
    """What is kept is checked against the database, not against what this process was told."""
    assert "JL003" in codes(client)
    with services.database.write() as session:
        row = session.get_one(Enterprise, keys["JL003"])
        row.name_zh, row.version = "新的名字", row.version + 1
    assert loaded(client)["records"][2]["name_zh"] == "新的名字"
