"""Photographs are taken by what they are, made small and upright, and tell nothing beside."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image

from catalog.office import photos
from catalog.office.photos import BUDGETS, alt_faults, encode
from marketplace.kernel.errors import Invalid
from tests.support.pictures import opened, picture


def refusal(content: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        encode(content)
    return refused.value.fields["photo"]


def noise(width: int, height: int) -> Image.Image:
    chance = np.random.default_rng(7)
    return Image.fromarray(chance.integers(0, 255, (height, width, 3), dtype=np.uint8))


def png_of_size(width: int, height: int) -> bytes:
    """Return a tiny PNG that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


class TestSizes:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
    def test_each_kind_gives_every_width_in_both_kinds(self, kind: str) -> None:
        made = encode(picture(2000, 1000, kind=kind))
        assert list(made.files) == [320, 480, 960, 1600]
        assert (made.width, made.height) == (1600, 800)
        for width, files in made.files.items():
            for name, content in files.items():
                shown = opened(content)
                assert (shown.format, shown.size) == (name.upper(), (width, width // 2))

    def test_nothing_is_enlarged(self) -> None:
        made = encode(picture(700, 500))
        assert list(made.files) == [320, 480, 700]
        assert (made.width, made.height) == (700, 500)

    def test_small_sizes_fit_their_budget_whatever_is_on_them(self) -> None:
        file = io.BytesIO()
        noise(640, 480).save(file, "JPEG", quality=90)
        made = encode(file.getvalue())
        for width in (320, 480):
            assert all(len(content) <= BUDGETS[width] for content in made.files[width].values())


class TestWhatIsToldBesideThePicture:
    def test_it_is_turned_upright_and_place_and_device_are_gone(self) -> None:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = 3
        exif[ExifTags.Base.Model] = "Phone 12"
        exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
        made = encode(picture(1200, 800, exif=exif, comment=b"secret"))
        for files in made.files.values():
            for content in files.values():
                shown = opened(content)
                assert not dict(shown.getexif())
                assert not {"exif", "xmp", "icc_profile", "comment"} & set(shown.info)
                assert b"Phone 12" not in content
                red, _, blue = shown.convert("RGB").getpixel((10, 10))
                assert blue > red

    def test_a_photograph_on_its_side_has_its_sides_changed(self) -> None:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = 6
        made = encode(picture(1200, 800, exif=exif))
        assert (made.width, made.height) == (800, 1200)

    def test_what_is_transparent_becomes_white(self) -> None:
        file = io.BytesIO()
        Image.new("RGBA", (700, 500), (0, 0, 0, 0)).save(file, "PNG")
        shown = opened(encode(file.getvalue()).files[320]["webp"]).convert("RGB")
        assert min(shown.getpixel((50, 50))) > 250

    @pytest.mark.parametrize("mode", ["L", "CMYK", "P"])
    def test_other_kinds_of_colour_are_taken(self, mode: str) -> None:
        file = io.BytesIO()
        kind = "PNG" if mode == "P" else "JPEG"
        opened(picture()).convert(mode).save(file, kind)
        assert opened(encode(file.getvalue()).files[480]["avif"]).mode == "RGB"


class TestRefusals:
    def test_what_is_no_picture(self) -> None:
        assert refusal(b"") == photos.NO_FILE
        assert refusal(b"%PDF-1.7 not a photo") == photos.NO_PICTURE
        assert refusal(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == photos.NO_PICTURE
        assert refusal(picture(kind="GIF")) == photos.NO_PICTURE
        assert refusal(picture(kind="TIFF")) == photos.NO_PICTURE
        assert refusal(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic") == photos.APPLE

    def test_too_much_or_too_little_of_it(self) -> None:
        assert refusal(picture() + b"\0" * photos.MOST_BYTES) == photos.TOO_LARGE
        assert refusal(picture(639, 500)) == photos.TOO_SMALL
        assert refusal(picture(2400, 700)) == photos.TOO_LONG

    @pytest.mark.parametrize("side", [7100, 9000, 13000, 40000])
    def test_a_bomb_is_refused_before_it_is_decoded(
        self, side: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def load(_image: Image.Image) -> None:
            raise AssertionError("decoded")

        monkeypatch.setattr(Image.Image, "load", load)
        assert refusal(png_of_size(side, side)) == photos.TOO_MANY_PIXELS

    @pytest.mark.parametrize("head", [b"VP8X\x0a\0\0\0\0\0\0\0", b"VP8L\0\0\0\0\x2f"])
    def test_a_webp_that_says_it_is_huge(self, head: bytes) -> None:
        body = head + b"\xff" * 40
        content = b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
        assert refusal(content) == photos.TOO_MANY_PIXELS

    def test_half_a_file(self) -> None:
        for kind in ("JPEG", "PNG", "WEBP", "AVIF"):
            content = picture(kind=kind)
            assert refusal(content[: len(content) * 2 // 3]) in (
                photos.SPOILT,
                photos.NO_PICTURE,
            )

    @pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
    def test_what_moves(self, kind: str) -> None:
        file = io.BytesIO()
        frames = [Image.new("RGB", (700, 500), colour) for colour in ("blue", "red")]
        frames[0].save(file, kind, save_all=True, append_images=frames[1:])
        assert refusal(file.getvalue()) == photos.MOVING


@pytest.mark.parametrize(
    ("alt_zh", "alt_en", "faulty"),
    [
        ("木屋前的院子，有两把椅子", "", set()),
        ("木屋前的院子，有两把椅子", "The yard with two chairs", set()),
        ("院子", "", {"alt_zh"}),
        ("   ", "", {"alt_zh"}),
        ("字" * 121, "", {"alt_zh"}),
        ("IMG_2034.jpg", "", {"alt_zh"}),
        ("微信图片.png", "", {"alt_zh"}),
        ("DSC_0034", "", {"alt_zh"}),
        ("木屋前的院子", "IMG 2034", {"alt_en"}),
        ("木屋前的院子", "abc", {"alt_en"}),
    ],
)
def test_a_description_is_words_about_the_picture(
    alt_zh: str, alt_en: str, faulty: set[str]
) -> None:
    assert alt_faults(alt_zh, alt_en).keys() == faulty
