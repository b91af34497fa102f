"""Columns that keep values of a known shape as JSON: what is read, written and compared is values.

What equals its class's default is not written, and a field that is missing has it. So a field with
a default that is added to a class makes no two values differ, and no row unreadable.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

from marketplace.kernel.crypto import EncryptedString, keyring


class TypedJson(TypeDecorator[Any]):
    """Values of one class, a frozen one, as JSON text.

    Never empty: a column of it is NOT NULL. Where ``None`` is one of its values, that is written as
    the JSON ``null``.
    """

    impl = sa.Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        """Keep values of ``kind``, whatever pydantic takes for a type."""
        super().__init__()
        self.kind = kind
        self._adapter: TypeAdapter[Any] = TypeAdapter(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Write a value."""
        return self._adapter.dump_json(value, exclude_defaults=True).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Read a value."""
        return None if value is None else self._adapter.validate_json(value)

    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> TypeEngine[Any]:
        """Refuse to compare in SQL, where texts would be compared: read the rows, compare values.

        Raises:
            TypeError.
        """
        raise TypeError("values in JSON are compared in Python, never their text in SQL")


class EncryptedJson(EncryptedString):
    """Values of one class as JSON text that is ciphertext in the database."""

    cache_ok = True

    def __init__(self, context: str, kind: Any) -> None:
        """Keep values of ``kind``, bound to ``context``, written ``table.column``."""
        super().__init__(context)
        self.kind = kind
        self._adapter: TypeAdapter[Any] = TypeAdapter(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write a value and encrypt it."""
        if value is None:
            return None
        return self.sealed(self._adapter.dump_json(value, exclude_defaults=True).decode())

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Decrypt and read a value."""
        return None if value is None else self._adapter.validate_json(self.open(value, keyring()))
