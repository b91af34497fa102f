"""Bodies and query strings as models, and the refusal of one that cannot be used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from marketplace.kernel.errors import Invalid
from marketplace.kernel.wishes import canonical
from marketplace.web.api.strict_json import LONGEST_NAME, UNKNOWN

WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")
"""A whole number in a query string, written as JSON writes it."""
ITEMS = "items"
"""What a list of wishes in one body is called."""
UNCLEAR = "这一项不能用，请核对"


class Given(BaseModel):
    """What a program sends: nothing that is not known."""

    model_config = ConfigDict(extra="forbid")
    words: ClassVar[Mapping[str, str]] = {}
    """What to write in each field; the same message whether it is missing or wrong."""


class Body(Given):
    """A JSON request body: exact types."""

    model_config = ConfigDict(strict=True)


class Query(Given):
    """A query string: text turned into numbers and dates."""

    model_config = ConfigDict(populate_by_name=True)

    @field_validator("*", mode="before")
    @classmethod
    def _as_in_json(cls, value: object, info: ValidationInfo) -> object:
        """Pydantic itself would also take 1_000, +5 and 1.0, which a body may not say."""
        field = cls.model_fields[info.field_name or ""]
        if not isinstance(value, str) or not value or not _numbers(field.annotation):
            return value
        if not all(WHOLE.fullmatch(part) for part in value.split(",")):
            raise ValueError("not a whole number")
        return value


AnyQuery = TypeVar("AnyQuery", bound=Query)
AnyBody = TypeVar("AnyBody", bound=Body)


def read_query(model: type[AnyQuery], given: dict[str, str]) -> AnyQuery:
    """Return a query string as ``model``; raises ``Invalid`` with the fields named."""
    try:
        return model.model_validate(given, by_name=False, by_alias=True)
    except ValidationError as error:
        raise _refusal(error, model.words) from error


def read_body(model: type[AnyBody], given: object) -> AnyBody:
    """Return decoded JSON as ``model``; raises ``Invalid`` with the fields named.

    A whole number may be written 2 or 2.0: JSON knows one kind of number.
    """
    try:
        return model.model_validate_json(canonical(given))
    except ValidationError as error:
        raise _refusal(error, model.words) from error


def _numbers(annotation: object) -> bool:
    """Tell whether a field takes a whole number, or several with commas between."""
    return annotation is int or any(_numbers(part) for part in get_args(annotation))


def _refusal(error: ValidationError, words: Mapping[str, str]) -> Invalid:
    """Return a validation error as the refusal that names its fields in plain words.

    Of a list of ``items`` it also tells which are meant, counted from 1.
    """
    faults: dict[str, str] = {}
    items: set[int] = set()
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        # A place in a list is not a field of its own, and no two faults of one field are listed.
        name = ".".join(part for part in fault["loc"] if isinstance(part, str)) or "body"
        unknown = fault["type"] == "extra_forbidden"
        faults.setdefault(name[:LONGEST_NAME], UNKNOWN if unknown else words.get(name, UNCLEAR))
        match fault["loc"]:
            case (str(name), int(place), *_) if name == ITEMS:
                items.add(place + 1)
    refused = Invalid(faults)
    if items:
        refused.extra[ITEMS] = sorted(items)
    return refused
