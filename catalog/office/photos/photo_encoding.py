"""Making a photograph: decoded within limits, upright, in sRGB, in every size; pure work.

It may take seconds of a processor and hundreds of megabytes, so the worker does it and no request.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

from catalog.office.photos.photo_problems import (
    LEAST_WIDTH,
    MOST_PIXELS,
    MOST_RATIO,
    PhotoRefused,
)
from catalog.states import PhotoProblem

BUDGETS = {320: 30_000, 480: 60_000, 960: 160_000, 1600: 350_000}
"""The widths that are made, in pixels, and the bytes that a file of each may have."""
WIDEST = max(BUDGETS)
MOST_MADE_PIXELS = 1600 * 2000
"""The largest size has no more: a tall photograph is made narrower."""
QUALITIES = {"avif": (58, 48, 38, 28, 18), "webp": (78, 66, 54, 42, 30, 18, 8)}
"""The kinds of file that are made, and the qualities one of which is chosen by the smallest."""
OPENED = ("JPEG", "PNG", "WEBP", "AVIF")
BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, RuntimeError,
    OverflowError, MemoryError, struct.error, zlib.error,
)  # fmt: skip
"""What Pillow raises for a file that is not what it seems to be."""

# Above this Pillow warns while it opens a file, and above twice as much it refuses; what only
# warns is refused below.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


@dataclass(frozen=True, slots=True)
class Encoded:
    """A photograph in all its sizes."""

    width: int
    """Width of the largest size, in pixels."""
    height: int
    """Its height, in pixels."""
    files: dict[int, dict[str, bytes]]
    """Width to kind of file (``avif``, ``webp``) to content."""


def encode(content: bytes) -> Encoded:
    """Return a photograph upright, in sRGB, in every width that is not larger than it is.

    Each size is made once, in a quality that the smallest one chooses; a size that is heavier than
    its budget is left out, and so are those above it.

    Raises:
        PhotoRefused: it is too large or too small, moves, is spoilt, or is no photograph.
    """
    picture = _decoded(content)
    if picture.width < LEAST_WIDTH:
        raise PhotoRefused(PhotoProblem.TOO_SMALL)
    tallest = int((MOST_MADE_PIXELS * picture.width / picture.height) ** 0.5)
    largest = min(picture.width, WIDEST, tallest)
    widths = [*(width for width in BUDGETS if width < largest), largest]
    smallest = _sized(picture, widths[0])
    qualities, first = {}, {}
    for kind in QUALITIES:
        qualities[kind], first[kind] = _chosen(smallest, kind)
    files = {widths[0]: first}
    for width in widths[1:]:
        sized = _sized(picture, width)
        made = {kind: _file(sized, kind, quality) for kind, quality in qualities.items()}
        if max(map(len, made.values())) > _budget(width):
            break
        files[width] = made
    width = max(files)
    return Encoded(width, _height(picture, width), files)


def _sized(picture: Image.Image, width: int) -> Image.Image:
    size = (width, _height(picture, width))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _height(picture: Image.Image, width: int) -> int:
    return max(1, round(picture.height * width / picture.width))


def _chosen(image: Image.Image, kind: str) -> tuple[int, bytes]:
    """Return the best quality in which the smallest size fits its budget, else the lowest."""
    budget = _budget(image.width)
    for quality in QUALITIES[kind]:
        data = _file(image, kind, quality)
        if len(data) <= budget:
            break
    return quality, data


def _file(image: Image.Image, kind: str, quality: int) -> bytes:
    options = {"speed": 8} if kind == "avif" else {"method": 4}
    file = io.BytesIO()
    image.save(file, kind.upper(), quality=quality, **options)
    return file.getvalue()


def _decoded(content: bytes) -> Image.Image:
    """Return the pixels alone, upright and in sRGB; nothing is decoded before its size is known."""
    canvas = _webp_canvas(content)
    if canvas is not None and canvas[0] * canvas[1] > MOST_PIXELS:
        raise PhotoRefused(PhotoProblem.TOO_MANY_PIXELS)
    try:
        image = Image.open(io.BytesIO(content), formats=OPENED)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoRefused(PhotoProblem.TOO_MANY_PIXELS) from error
    except BROKEN as error:
        raise PhotoRefused(PhotoProblem.NO_PICTURE) from error
    with image:
        if image.width * image.height > MOST_PIXELS:
            raise PhotoRefused(PhotoProblem.TOO_MANY_PIXELS)
        if max(image.size) > MOST_RATIO * min(image.size):
            raise PhotoRefused(PhotoProblem.TOO_LONG)
        try:
            # Telephones put a second picture behind the first; that is no film.
            if image.format not in {"JPEG", "MPO"} and getattr(image, "n_frames", 1) > 1:
                raise PhotoRefused(PhotoProblem.MOVING)
            # A large JPEG is decoded at a fraction of its size straight away.
            image.draft("RGB", (WIDEST, WIDEST))
            image.load()
            return _clean(image)
        except BROKEN as error:
            raise PhotoRefused(PhotoProblem.SPOILT) from error


def _webp_canvas(content: bytes) -> tuple[int, int] | None:
    """Return the size a WebP declares: its decoder takes the memory for it when it is opened."""
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:  # noqa: PLR2004
        return None
    if content[12:16] == b"VP8X":
        packed = int.from_bytes(content[24:30], "little")
        return (packed & 0xFFFFFF) + 1, (packed >> 24) + 1
    if content[12:16] == b"VP8L":
        packed = int.from_bytes(content[21:25], "little")
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", content[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _clean(image: Image.Image) -> Image.Image:
    """Return a copy of the pixels without anything that was told beside them."""
    upright = ImageOps.exif_transpose(_reduced(image))
    profile = image.info.get("icc_profile")
    if upright.mode == "RGBA":
        paper = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(paper, upright).convert("RGB")
    if profile and upright.mode in {"RGB", "CMYK", "L"}:
        upright = _in_srgb(upright, profile)
    pixels = Image.new("RGB", upright.size)
    pixels.paste(upright.convert("RGB"))
    return pixels


def _reduced(image: Image.Image) -> Image.Image:
    """Return the picture in eight bits a colour, no larger than twice what is made of it.

    The steps after this one then take little memory, however large the file was.
    """
    plain = image
    if image.mode.startswith("I"):
        plain = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif image.mode == "F":
        raise ValueError(image.mode)
    elif image.mode in {"LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        plain = image.convert("RGBA")
    elif image.mode in {"1", "P"}:
        plain = image.convert("RGB")
    factor = min(plain.size) // (2 * WIDEST)
    small = plain.reduce(factor) if factor > 1 else plain.copy()
    # Which way is up is told beside the pixels.
    small.info["exif"] = image.info.get("exif", b"")
    small.getexif().update(image.getexif())
    return small


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return the colours as a screen without colour management shows them rightly."""
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        made = ImageCms.profileToProfile(
            image, given, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        return image  # a profile that does not fit its picture says nothing
    return made if made is not None else image


def _budget(width: int) -> int:
    return next(budget for step, budget in BUDGETS.items() if width <= step)
