"""The API's description is whole, true, and agrees with what the API does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.web.partner_api.problems import PROBLEMS
from tests.factories import Room
from tests.support.partner import GUEST, HOLDS, Program, stay

DOCS = Path(__file__).resolve().parents[2] / "docs" / "partners.md"


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    return dict(answer.json)


def test_every_route_is_described_and_nothing_else(app: Flask, document: dict[str, Any]) -> None:
    served = {
        (re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/partner")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(path, verb) for path, verbs in document["paths"].items() for verb in verbs}
    assert described == served


def references(part: object) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(value) for value in part.values()))
    if isinstance(part, list):
        return set().union(*(references(value) for value in part))
    return set()


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = references(document)
    assert len(found) > 10
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert found <= known


def test_operations_are_complete(document: dict[str, Any]) -> None:
    operations = [
        (path, verb, facts)
        for path, verbs in document["paths"].items()
        for verb, facts in verbs.items()
    ]
    names = [facts["operationId"] for _, _, facts in operations]
    assert len(set(names)) == len(names)
    for path, verb, facts in operations:
        assert {"401", "429", "500", "503"} <= set(facts["responses"])
        headers = {one["name"] for one in facts["parameters"] if one["in"] == "header"}
        assert ("Idempotency-Key" in headers) is (verb == "post")
        assert ("requestBody" in facts) is (verb == "post")
        in_path = {one["name"] for one in facts["parameters"] if one["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path))


KEYWORDS = {
    *("$ref", "$defs", "type", "enum", "const", "title", "description", "default", "deprecated"),
    *("examples", "format", "pattern", "minLength", "maxLength", "minimum", "maximum"),
    *("exclusiveMinimum", "exclusiveMaximum", "multipleOf", "items", "prefixItems", "minItems"),
    *("maxItems", "uniqueItems", "properties", "required", "additionalProperties"),
    *("minProperties", "maxProperties", "anyOf", "oneOf", "allOf", "not"),
}
"""Of JSON Schema (draft 2020-12), those that are of use here."""


def schemas_in(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and all schemas within it."""
    yield schema
    for key, value in schema.items():
        inner = value.values() if key == "properties" else value if isinstance(value, list) else []
        if key in ("items", "additionalProperties", "not") and isinstance(value, dict):
            inner = [value]
        for one in inner if key not in ("enum", "required", "default", "examples") else ():
            yield from schemas_in(one)


def test_schemas_speak_json_schema_alone(document: dict[str, Any]) -> None:
    whole = list(document["components"]["schemas"].values())
    for verbs in document["paths"].values():
        for facts in verbs.values():
            whole += [one["schema"] for one in facts["parameters"]]
    found = [part for schema in whole for part in schemas_in(schema)]
    assert len(found) > 300
    for part in found:
        assert set(part) <= KEYWORDS, part
        if "pattern" in part:
            re.compile(part["pattern"])
        assert "format" not in part or part["format"] in {"date", "date-time", "uri"}


def test_what_programs_are_promised_is_dated(document: dict[str, Any]) -> None:
    told = document["info"]["description"]
    assert re.search(r"as of \d{1,2} \w+ 20\d\d", told)
    assert "2027-12-31" in told, "until when a former name is taken"


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_type_of_a_problem_opens_a_page_that_explains_it(
    client: FlaskClient, prefix: str
) -> None:
    refused = client.get("/partner/v1/events").json
    page = client.get(refused["type"].replace("/docs", f"{prefix}/docs"))
    assert (page.status_code, page.mimetype) == (200, "text/html")
    anchors = set(re.findall(r'id="([a-z_]+)"', page.get_data(as_text=True)))
    assert set(PROBLEMS) <= anchors
    assert refused["type"].endswith("/docs/problems#unauthenticated")


def test_every_problem_has_its_row_in_the_documentation() -> None:
    text = DOCS.read_text(encoding="utf-8")
    anchors = set(re.findall(r'<a id="([a-z_]+)"></a>', text))
    assert anchors == set(PROBLEMS)


def members(reference: dict[str, str], document: dict[str, Any]) -> set[str]:
    """What an object has of which the description speaks by reference."""
    name = reference["$ref"].rsplit("/", 1)[-1]
    return set(document["components"]["schemas"][name]["properties"])


def check(schema: dict[str, Any], value: Any, document: dict[str, Any], where: str = "$") -> None:
    """Fail where ``value`` has a member the schema does not know, or lacks one it asks for."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        choices = [choice for choice in choices if choice.get("type") != "null"]
        if len(choices) > 1:  # an item of the feed or a price: its members say which
            (one,) = (one for one in choices if members(one, document) == set(value))
            return check(one, value, document, where)
        return check(choices[0], value, document, where) if value is not None else None
    if schema.get("type") == "object" and "properties" in schema:
        assert isinstance(value, dict), where
        assert set(schema.get("required", ())) <= set(value), where
        assert set(value) <= set(schema["properties"]), where
        for name, part in value.items():
            check(schema["properties"][name], part, document, f"{where}.{name}")
    if schema.get("type") == "array":
        for number, part in enumerate(value):
            check(schema["items"], part, document, f"{where}[{number}]")
    return None


def test_real_answers_are_as_described(
    partner: Program, loaded: Room, document: dict[str, Any]
) -> None:
    booking_id = partner.held(loaded, external_ref="A-1")
    path = f"{HOLDS}/{booking_id}"
    listing = f"/partner/v1/listings/{loaded.listing_id}"
    ari = f"/partner/v1/stays/{loaded.listing_id}/ari?from=2027-06-10&to=2027-06-12"
    answers = {
        "feedListings": partner.get("/partner/v1/feed/listings"),
        "getListing": partner.get(listing),
        "findAvailability": partner.get(
            "/partner/v1/stays/availability?arrive=2027-06-10&nights=30"
        ),
        "getAri": partner.get(ari),
        "quoteStay": partner.post("/partner/v1/stays/quote", stay(loaded) | {"nights": 31}),
        "holdStay": partner.hold(loaded, arrive="2027-07-01"),
        "getHold": partner.get(path),
        "extendHold": partner.post(f"{path}/extend"),
        "confirmHold": partner.post(f"{path}/confirm", GUEST),
        "quoteCancellation": partner.post(f"{path}/cancel-quote"),
        "cancelHold": partner.post(f"{path}/cancel"),
        "findBookings": partner.get("/partner/v1/bookings?external_ref=A-1"),
        "getBooking": partner.get(f"/partner/v1/bookings/{booking_id}"),
        "listEvents": partner.get("/partner/v1/events"),
    }
    operations = {
        facts["operationId"]: facts
        for verbs in document["paths"].values()
        for facts in verbs.values()
    }
    # What answers a place offered needs a house that was stopped: see test_events.py.
    assert set(answers) | {"acceptPlace", "declinePlaces"} == set(operations)
    for name, answer in answers.items():
        described = operations[name]["responses"][str(answer.status_code)]
        check(described["content"]["application/json"]["schema"], answer.json, document, name)
