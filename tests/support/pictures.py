"""Photographs for tests, drawn in memory."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageDraw


def picture(width: int = 1200, height: int = 800, *, kind: str = "JPEG", **saved: Any) -> bytes:
    """Return a photograph: red above, blue below, so that a test sees which way is up."""
    image = Image.new("RGB", (width, height), (30, 60, 200))
    ImageDraw.Draw(image).rectangle((0, 0, width, height // 2), fill=(200, 40, 30))
    file = io.BytesIO()
    image.save(file, kind, **saved)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    """Return a file as a picture in RGB."""
    return Image.open(io.BytesIO(content))
