"""``/openapi.json``: the API described in OpenAPI 3.1, made from its models and its routes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Literal

import orjson
from flask import Response
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from marketplace.booking.contract.hold_caps import Caps
from marketplace.web.api.idempotency import LONGEST_KEY
from marketplace.web.api.responses import JSON, PROBLEM
from marketplace.web.context import services
from marketplace.web.i18n import english
from marketplace.web.partner_api.authentication import blueprint
from marketplace.web.partner_api.field_types import LARGEST_ID
from marketplace.web.partner_api.operations import ROUTES, Route
from marketplace.web.partner_api.problems import PROBLEMS
from marketplace.web.partner_api.request_schemas import FORMER_NAMES_END
from marketplace.web.partner_api.schemas import Problem

Json = dict[str, Any]
Refs = Mapping[Any, Json]
Mode = Literal["validation", "serialization"]
TERMS = "Partner terms: show listings with their source and its date; show samples only as samples."
ABOUT = (
    "Stays in Jilin Province for older travellers: what there is, what is free, booked on account. "
    "Amounts are whole fen (1 yuan = 100 fen); nights are dates in Asia/Shanghai, and a stay is "
    "half-open: the day of departure is not a night. Sample data (示例数据) says so."
)
CHANGES = (
    "Changes, as of 28 November 2026. Without notice come new members, event types, problem codes,"
    " operations, and fields and parameters that may be left out: pass over what you do not know."
    " Nothing else changes within /partner/v1 before it stands here for at least a year, beside the"
    " day on which it ends. Ending on"
    f" {FORMER_NAMES_END}: the parameter `after` of feed and events (write `afterChangeNumber`);"
    " `nights` as a number in an answer (read `nights_count`; `nights` is the list of nights)."
)
REF = "#/components/schemas/{model}"
PARAMETERS: dict[str, Json] = {
    "listing_id": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
    "given": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
}
LIMITS: Json = {
    "RateLimit-Policy": {
        "schema": {"type": "string"},
        "description": "Quota and window in seconds.",
    },
    "RateLimit": {"schema": {"type": "string"}, "description": "Requests left, seconds to reset."},
}


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The description of this API; it needs no key."""
    response = Response(document(services().caps), content_type=JSON)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@lru_cache(maxsize=1)
def document(caps: Caps) -> bytes:
    """Return the description; it changes only with the code and the caps of the installation."""
    schemas, refs = _schemas()
    paths: dict[str, Json] = defaultdict(dict)
    for route in ROUTES:
        paths[route.path][route.method] = _operation(route, refs, caps)
    whole = {
        "openapi": "3.1.0",
        "info": {
            "title": "Snowbird Jilin partner API",
            "version": "1",
            "description": f"{ABOUT}\n\n{CHANGES}",
            "license": {"name": TERMS, "identifier": "LicenseRef-Snowbird-Partner-Terms"},
        },
        "servers": [{"url": "/"}],
        "externalDocs": {"description": "What each problem means.", "url": "/docs/problems"},
        "security": [{"key": []}],
        "tags": [{"name": "directory"}, {"name": "stays"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "Your API key."}
            },
        },
    }
    return orjson.dumps(whole)


def _schemas() -> tuple[Json, Refs]:
    """Return the components, and the reference of each model in each direction."""
    inputs = {route.body for route in ROUTES if route.body}
    outputs = {route.answer for route in ROUTES} | {Problem}
    wanted: list[tuple[type[BaseModel], Mode]] = [
        *((model, "validation") for model in sorted(inputs, key=lambda model: model.__name__)),
        *((model, "serialization") for model in sorted(outputs, key=lambda model: model.__name__)),
    ]
    refs, definitions = models_json_schema(wanted, ref_template=REF)
    schemas = definitions["$defs"]
    schemas["Problem"]["properties"]["code"]["enum"] = sorted(PROBLEMS)
    return schemas, refs


def _operation(route: Route, refs: Refs, caps: Caps) -> Json:
    operation: Json = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": ["stays" if "/stays/" in route.path or "book" in route.path else "directory"],
        "parameters": _parameters(route),
        "responses": _responses(route, refs),
    }
    if route.about:
        operation["description"] = route.about % asdict(caps)
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {JSON: {"schema": refs[route.body, "validation"]}},
        }
    return operation


def _parameters(route: Route) -> list[Json]:
    found: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": PARAMETERS[name]}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    if route.query is not None:
        found += _query(route.query.model_json_schema(mode="validation"))
    if route.method == "post":
        about = "A new one for each new request."
        if not route.keyed:
            about = "Not needed: the answer is kept under it for half an hour if it is sent."
        found.append(_key_header(about, required=route.keyed))
    if route.tagged:
        found.append(
            {
                "name": "If-None-Match",
                "in": "header",
                "required": False,
                "description": "The ETag you have.",
                "schema": {"type": "string"},
            }
        )
    return found


def _query(model: Json) -> list[Json]:
    """Return the parameters of a query string; a list is written with commas."""
    found = []
    for name, facts in model["properties"].items():
        schema = _plain(facts, model.get("$defs", {}))
        parameter: Json = {
            "name": name,
            "in": "query",
            "required": name in model.get("required", ()),
            "description": facts.get("description", ""),
            "schema": schema,
        }
        if schema.pop("deprecated", False):
            parameter["deprecated"] = True
        if schema.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
        found.append(parameter)
    return found


def _plain(facts: Json, known: Json) -> Json:
    """Return the schema of a parameter: what may be left out is not sent as null."""
    if choices := [one for one in facts.get("anyOf", ()) if one.get("type") != "null"]:
        (facts,) = choices
    if "$ref" in facts:
        facts = known[facts["$ref"].rsplit("/", 1)[-1]]
    return {
        key: value
        for key, value in facts.items()
        if key not in {"title", "description"} and (key, value) != ("default", None)
    }


def _key_header(description: str, *, required: bool) -> Json:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": required,
        "description": description,
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_KEY,
            "pattern": "^[!-~]+$",
        },
    }


def _responses(route: Route, refs: Refs) -> Json:
    headers = dict(LIMITS)
    if route.tagged:
        headers["ETag"] = {"schema": {"type": "string"}}
    if route.method == "post":
        headers["Idempotent-Replayed"] = {
            "schema": {"type": "string", "const": "true"},
            "description": "Present when this is the answer to an earlier request.",
        }
    answers: Json = {
        str(route.status): {
            "description": route.summary,
            "headers": headers,
            "content": {JSON: {"schema": refs[route.answer, "serialization"]}},
        }
    }
    if route.tagged:
        answers["304"] = {"description": "You have it already."}
    by_status: dict[int, dict[str, str]] = defaultdict(dict)
    for code, told in route.problems.items():
        by_status[told.status][code] = f"`{code}`: {english().gettext(told.meaning)}"
    for status, meanings in sorted(by_status.items()):
        told_here = {"properties": {"code": {"enum": sorted(meanings)}}}
        answers[str(status)] = {
            "description": " ".join(meanings.values()),
            "content": {
                PROBLEM: {"schema": {"allOf": [refs[Problem, "serialization"], told_here]}}
            },
        }
    return answers
