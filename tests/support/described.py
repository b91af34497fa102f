"""Answers of the API held against its description, whatever the test is about."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import jsonschema_rs
import orjson
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from marketplace.booking.contract.hold_caps import Caps
from marketplace.web.partner_api.openapi import document


def as_described(app: Flask, answer: TestResponse) -> TestResponse:
    """Return ``answer`` of an operation; fail where the description does not tell of it."""
    request = answer.request
    try:
        rule, _ = app.url_map.bind_to_environ(request.environ).match(return_rule=True)
    except HTTPException:
        return answer  # no operation
    path = re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule)
    if path not in _description()["paths"] or "Content-Encoding" in answer.headers:
        return answer  # what is packed is described as it is read
    told = _responses(path, request.method.lower())
    where = f"{request.method} {path}: {answer.status_code} {answer.get_data(as_text=True)[:300]}"
    assert str(answer.status_code) in told, where
    if content := told[str(answer.status_code)].get("content"):
        assert answer.content_type in content, where
        wrong = _validator(path, request.method.lower(), answer.status_code).iter_errors(
            orjson.loads(answer.data)
        )
        assert [str(error) for error in wrong] == [], where
    return answer


@cache
def _description() -> dict[str, Any]:
    return dict(orjson.loads(document(Caps())))


def _responses(path: str, method: str) -> dict[str, Any]:
    return dict(_description()["paths"][path][method]["responses"])


@cache
def _validator(path: str, method: str, status: int) -> jsonschema_rs.Validator:
    (content,) = _responses(path, method)[str(status)]["content"].values()
    whole = content["schema"] | {"components": _description()["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
