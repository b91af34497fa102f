"""A surface described in OpenAPI 3.1, made from its models and its operations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Literal

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from marketplace.kernel.ids import LONGEST_KEY
from marketplace.web.api.operations import POST, Operation
from marketplace.web.api.responses import JSON, PROBLEM
from marketplace.web.api.surface import PARAMETER, Route, Surface
from marketplace.web.i18n import in_english

Json = dict[str, Any]
Refs = Mapping[Any, Json]
Mode = Literal["validation", "serialization"]
REF = "#/components/schemas/{model}"
LIMITS: Json = {
    "RateLimit-Policy": {
        "schema": {"type": "string"},
        "description": "Quota and window in seconds.",
    },
    "RateLimit": {"schema": {"type": "string"}, "description": "Requests left, seconds to reset."},
}


def describe(surface: Surface, *, info: Json, figures: Mapping[str, object]) -> bytes:
    """Return the description; ``figures`` of the installation are filled into what is told."""
    writer = _Writer(surface, figures)
    whole = {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": "/"}],
        "externalDocs": {"description": "What each problem means.", "url": "/docs/problems"},
        "security": [{"key": []}],
        "tags": [{"name": chapter} for chapter in surface.chapters],
        "paths": writer.paths(),
        "components": {
            "schemas": writer.schemas,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "Your API key."}
            },
        },
    }
    return orjson.dumps(whole)


class _Writer:
    """Writes the operations of a surface down."""

    def __init__(self, surface: Surface, figures: Mapping[str, object]) -> None:
        self._surface = surface
        self._figures = figures
        self._routes = list(surface.routes())
        self.schemas, self._refs = self._models()

    def _models(self) -> tuple[Json, Refs]:
        """Return the components, and the reference of each model in each direction."""
        told = [route.operation for route in self._routes]
        inputs = {body for one in told for body in one.bodies}
        outputs = {model for one in told for model in one.answers.values()}
        outputs.add(self._surface.problem)
        wanted: list[tuple[type[BaseModel], Mode]] = [
            *((model, "validation") for model in sorted(inputs, key=_name)),
            *((model, "serialization") for model in sorted(outputs, key=_name)),
        ]
        refs, definitions = models_json_schema(wanted, ref_template=REF)
        schemas = definitions["$defs"]
        codes = schemas[_name(self._surface.problem)]["properties"]["code"]
        codes["enum"] = sorted(self._surface.problems)
        return schemas, refs

    def paths(self) -> Json:
        """Return the operations by path and method."""
        paths: dict[str, Json] = defaultdict(dict)
        for route in self._routes:
            paths[route.operation.path][route.operation.method] = self._operation(route)
        return paths

    def _operation(self, route: Route) -> Json:
        operation = route.operation
        told: Json = {
            "operationId": operation.name,
            "summary": operation.summary,
            "tags": [route.chapter],
            "parameters": self._parameters(operation),
            "responses": self._responses(operation),
        }
        if operation.about:
            told["description"] = operation.about % self._figures
        if bodies := [self._refs[body, "validation"] for body in operation.bodies]:
            schema = bodies[0] if len(bodies) == 1 else {"oneOf": bodies}
            told["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
        return told

    def _parameters(self, operation: Operation) -> list[Json]:
        found: list[Json] = [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": self._surface.parameters[name].schema,
            }
            for name in PARAMETER.findall(operation.path)
        ]
        if operation.query is not None:
            found += _query(operation.query.model_json_schema(mode="validation"))
        if operation.method == POST:
            found.append(_key_header(operation))
        if operation.tagged:
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

    def _responses(self, operation: Operation) -> Json:
        headers = dict(LIMITS)
        if operation.tagged:
            headers["ETag"] = {"schema": {"type": "string"}}
        if operation.method == POST:
            headers["Idempotent-Replayed"] = {
                "schema": {"type": "string", "const": "true"},
                "description": "Present when this is the answer to an earlier request.",
            }
        answers: Json = {
            str(status): {
                "description": operation.summary,
                "headers": headers,
                "content": {JSON: {"schema": self._refs[model, "serialization"]}},
            }
            for status, model in operation.answers.items()
        }
        if operation.tagged:
            answers["304"] = {"description": "You have it already."}
        return answers | self._refusals(operation)

    def _refusals(self, operation: Operation) -> Json:
        by_status: dict[int, dict[str, str]] = defaultdict(dict)
        for code in operation.codes:
            told = self._surface.problems[code]
            by_status[told.status][code] = f"`{code}`: {in_english(told.meaning)}"
        problem = self._refs[self._surface.problem, "serialization"]
        return {
            str(status): {
                "description": " ".join(meanings.values()),
                "content": {
                    PROBLEM: {
                        "schema": {
                            "allOf": [
                                problem,
                                {"properties": {"code": {"enum": sorted(meanings)}}},
                            ]
                        }
                    }
                },
            }
            for status, meanings in sorted(by_status.items())
        }


def _name(model: type[BaseModel]) -> str:
    return model.__name__


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


def _key_header(operation: Operation) -> Json:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": operation.keyed,
        "description": operation.idempotent.told,
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_KEY,
            "pattern": "^[!-~]+$",
        },
    }
