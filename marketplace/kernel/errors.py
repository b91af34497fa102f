"""The base of every refusal that the product gives in the reader's own words."""

from __future__ import annotations

from collections.abc import Mapping

from marketplace.kernel.messages import filled


class DomainError(Exception):
    """An expected refusal: always a 4xx, never logged as a failure.

    ``message`` is a Chinese message id with ``%(name)s`` places; the edge translates it and fills
    in what it carries, and ``params``, which this one refusal knows. ``code`` is stable and part
    of the API. ``extra`` are machine-readable facts that a problem document may show (dates,
    counts); it never holds personal data.
    """

    code = "refused"
    http_status = 400
    message = "这个请求不能办理，请核对后再试"

    def __init__(
        self,
        message: str | None = None,
        *,
        extra: Mapping[str, object] | None = None,
        **params: object,
    ) -> None:
        """Keep the message id, what fills it, and the machine-readable facts."""
        self.message = message or type(self).message
        self.params = params
        self.extra = dict(extra or {})
        super().__init__(filled(self.message, **params))


class NotFound(DomainError):
    """The thing asked for does not exist, or is not the asker's to see: the two look the same."""

    code = "not_found"
    http_status = 404
    message = "没有找到这一项，请核对后再试"


class Invalid(DomainError):
    """One or more fields cannot be used; ``fields`` maps each field's name to a message id.

    Each message carries its own numbers (``kernel.messages``).
    """

    code = "invalid"
    http_status = 422
    message = "有内容需要改正"

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Keep the fields with their message ids."""
        super().__init__(extra={"fields": dict(fields)})
        self.fields = dict(fields)
