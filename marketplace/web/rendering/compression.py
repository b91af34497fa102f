"""Answers are sent compressed, except those whose length would tell a secret.

Where what a stranger chose (a search, a name in an address) and a secret stand on one compressed
page, its length tells, try by try, how the two resemble each other; TLS hides no lengths. So what
no cache may keep, names and telephones that is, goes out as it is. A form's token may be sent
compressed: it is signed anew with the time, and what stays the same in it is of no use without the
signature. A program on a surface may have everything compressed: no stranger makes it ask. The
proxy in front compresses nothing of its own, so that the rule is kept here alone.
"""

from __future__ import annotations

from flask import Flask, Response, request
from flask_compress import Compress

from marketplace.web.context import surfaces

KINDS = [
    "text/html", "text/css", "text/csv", "text/plain", "text/xml", "text/calendar",
    "application/json", "application/problem+json", "application/geo+json", "application/ld+json",
    "application/xml", "application/atom+xml", "image/svg+xml",
]  # fmt: skip
CODINGS = ["br", "gzip"]
LEAST_BYTES = 500


def set_up(app: Flask) -> None:
    """Compress what may be; before anything else that looks at answers is set up.

    Flask calls those who look at answers in the opposite order, and this one has to be the last.
    """
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_MIMETYPES=KINDS,
        COMPRESS_MIN_SIZE=LEAST_BYTES,
        COMPRESS_ALGORITHM=CODINGS,
        COMPRESS_ALGORITHM_STREAMING=CODINGS,
    )
    compress = Compress()
    compress.init_app(app)

    @app.after_request
    def shrink(response: Response) -> Response:
        personal = "no-store" in response.headers.get("Cache-Control", "")
        if personal and request.blueprint not in surfaces():
            return response
        if request.accept_encodings.best_match(CODINGS) is None:
            # The library takes a coding that is refused with ``q=0`` for one that is wished.
            response.vary.add("Accept-Encoding")
            return response
        return compress.after_request(response)
