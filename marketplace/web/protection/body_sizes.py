"""How many bytes a request may bring."""

from __future__ import annotations

MOST_BODY_BYTES = 64 * 1024
MOST_TEXT_BYTES = 256 * 1024
"""A form of many long texts: a Chinese character takes nine bytes of it."""
MOST_FILE_BYTES = 11 * 1024 * 1024
"""A form with one file: a little more than the largest file, so that the form can say so."""
