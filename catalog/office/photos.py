"""Photographs: checked by content, turned upright, re-encoded in sizes, and kept.

Nothing of the file as it was given is kept: not its name, and none of the data inside that says
where and with which device it was taken.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps
from sqlalchemy.orm import Session

from catalog.office.models import Photo
from marketplace.kernel.blobs import BlobStore
from marketplace.kernel.errors import Invalid

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
LEAST_WIDTH = 640
MOST_RATIO = 3
"""The longer side is at most so many times the shorter one."""
BUDGETS = {320: 30_000, 480: 60_000, 960: 160_000, 1600: 350_000}
"""The widths that are made, in pixels, and the bytes that a file of each may have."""
WIDEST = max(BUDGETS)
QUALITIES = {"avif": (58, 48, 38, 28, 18), "webp": (78, 66, 54, 42, 30, 18, 8)}
"""The kinds of file that are made; a quality is lowered until the file fits its budget."""
SHORTEST_ALT, LONGEST_ALT, LONGEST_ALT_EN = 4, 120, 160
OPENED = ("JPEG", "PNG", "WEBP", "AVIF")
APPLE_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
FILE_NAME = re.compile(
    r"(.*\.(jpe?g|png|webp|avif|heic|gif|bmp|tiff?))|"
    r"((img|dsc|dscn|dscf|pxl|mmexport|image|photo|wx_camera|screenshot)[\s_-]*\d[\d_-]*)",
    re.IGNORECASE,
)
BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, RuntimeError,
    OverflowError, struct.error, zlib.error,
)  # fmt: skip
"""What Pillow raises for a file that is not what it seems to be."""

TOO_LARGE = "照片文件太大，请选 10 MB 以内的"
NO_FILE = "请选一张照片"
NO_PICTURE = "这个文件不是能用的照片，请选 JPEG、PNG、WebP 或 AVIF 格式的"
APPLE = "这是 HEIC 格式的照片，请先在手机上另存为 JPEG 再上传"
SPOILT = "这张照片的文件坏了或者不完整，请重新导出或另选一张"
MOVING = "会动的图片不能用，请选一张静止的照片"
TOO_MANY_PIXELS = "照片的像素太多，请先缩小到 5000 万像素以内"
TOO_SMALL = "照片太小，宽度至少要 640 像素"
TOO_LONG = "照片太长或太宽，长边不能超过短边的 3 倍"
ALT_LENGTH = "请用 4 到 120 个字写明照片上是什么，给看不见的人听"
ALT_EN_LENGTH = "英文说明请写 4 到 160 个字符，或者空着"
ALT_IS_NAME = "请写照片上是什么，不要写文件名"

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


def add_photo(
    session: Session,
    *,
    blobs: BlobStore,
    content: bytes,
    alt_zh: str,
    alt_en: str,
    owner_id: int,
    enterprise_id: int | None,
    now: dt.datetime,
) -> Photo:
    """Keep a photograph; no listing shows it yet.

    Encoding takes up to seconds and is done before the first statement, with which a session's
    transaction begins: pass a session that has not been used yet.

    Raises:
        Invalid: the file (field ``photo``) or its description (``alt_zh``, ``alt_en``) cannot be
            used; all faults at once.
    """
    faults = alt_faults(alt_zh, alt_en)
    try:
        made = encode(content)
    except Invalid as error:
        raise Invalid(error.fields | faults) from error
    if faults:
        raise Invalid(faults)
    sizes = {
        str(width): {kind: blobs.put(data) for kind, data in files.items()}
        for width, files in made.files.items()
    }
    photo = Photo(
        owner_id=owner_id,
        enterprise_id=enterprise_id,
        alt_zh=alt_zh.strip(),
        alt_en=alt_en.strip(),
        width=made.width,
        height=made.height,
        sizes=sizes,
        given_at=now,
    )
    session.add(photo)
    session.flush()
    return photo


def alt_faults(alt_zh: str, alt_en: str) -> dict[str, str]:
    """Return what is wrong with a photograph's description, by field; pure."""
    zh, en = alt_zh.strip(), alt_en.strip()
    faults = {}
    if not SHORTEST_ALT <= len(zh) <= LONGEST_ALT:
        faults["alt_zh"] = ALT_LENGTH
    elif FILE_NAME.fullmatch(zh):
        faults["alt_zh"] = ALT_IS_NAME
    if en and not SHORTEST_ALT <= len(en) <= LONGEST_ALT_EN:
        faults["alt_en"] = ALT_EN_LENGTH
    elif FILE_NAME.fullmatch(en):
        faults["alt_en"] = ALT_IS_NAME
    return faults


def encode(content: bytes) -> Encoded:
    """Return a photograph upright, in sRGB, in every width that is not larger than it is.

    Raises:
        Invalid: it is too large or too small, moves, is spoilt, or is no photograph; the field is
            ``photo``.
    """
    if not content:
        raise _refused(NO_FILE)
    if len(content) > MOST_BYTES:
        raise _refused(TOO_LARGE)
    if content[4:8] == b"ftyp" and content[8:12] in APPLE_BRANDS and b"avif" not in content[:64]:
        raise _refused(APPLE)
    picture = _decoded(content)
    if picture.width < LEAST_WIDTH:
        raise _refused(TOO_SMALL)
    if max(picture.size) > MOST_RATIO * min(picture.size):
        raise _refused(TOO_LONG)
    largest = min(picture.width, WIDEST)
    files = {}
    for width in [*(width for width in BUDGETS if width < largest), largest]:
        height = max(1, round(picture.height * width / picture.width))
        sized = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
        files[width] = {kind: _fitted(sized, kind, _budget(width)) for kind in QUALITIES}
    return Encoded(largest, height, files)


def _decoded(content: bytes) -> Image.Image:
    """Return the pixels alone, upright and in sRGB; nothing is decoded before its size is known."""
    canvas = _webp_canvas(content)
    if canvas is not None and canvas[0] * canvas[1] > MOST_PIXELS:
        raise _refused(TOO_MANY_PIXELS)
    try:
        image = Image.open(io.BytesIO(content), formats=OPENED)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _refused(TOO_MANY_PIXELS) from error
    except BROKEN as error:
        raise _refused(NO_PICTURE) from error
    with image:
        if image.width * image.height > MOST_PIXELS:
            raise _refused(TOO_MANY_PIXELS)
        try:
            # Telephones put a second picture behind the first; that is no film.
            if image.format not in {"JPEG", "MPO"} and getattr(image, "n_frames", 1) > 1:
                raise _refused(MOVING)
            # A large JPEG is decoded at a fraction of its size straight away.
            image.draft("RGB", (WIDEST, WIDEST))
            image.load()
            return _clean(image)
        except BROKEN as error:
            raise _refused(SPOILT) from error


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
    upright = ImageOps.exif_transpose(image)
    profile = image.info.get("icc_profile")
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        paper = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(paper, upright).convert("RGB")
    if profile and upright.mode in {"RGB", "CMYK", "L"}:
        upright = _in_srgb(upright, profile)
    if upright.mode[0] in "IF":
        raise ValueError(upright.mode)
    pixels = Image.new("RGB", upright.size)
    pixels.paste(upright.convert("RGB"))
    return pixels


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


def _fitted(image: Image.Image, kind: str, budget: int) -> bytes:
    """Return the file in the best quality that fits the budget, else in the lowest."""
    options = {"speed": 8} if kind == "avif" else {"method": 4}
    data = b""
    for quality in QUALITIES[kind]:
        file = io.BytesIO()
        image.save(file, kind.upper(), quality=quality, **options)
        data = file.getvalue()
        if len(data) <= budget:
            break
    return data


def _refused(message: str) -> Invalid:
    return Invalid({"photo": message})
