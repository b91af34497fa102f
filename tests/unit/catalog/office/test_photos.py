"""Photographs are taken by what they are, made small and upright, and tell nothing beside."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image

from catalog.office.photos import photo_encoding, photo_intake
from catalog.office.photos.photo_encoding import BUDGETS, encode
from catalog.office.photos.photo_intake import look_over
from catalog.office.photos.photo_problems import PROBLEM_TEXTS, PhotoRefused
from catalog.office.photos.photo_texts import alt_faults
from catalog.states import PhotoProblem
from marketplace.kernel.errors import Invalid
from tests.support.pictures import opened, picture


def refusal(content: bytes) -> PhotoProblem:
    with pytest.raises(PhotoRefused) as refused:
        encode(content)
    return refused.value.problem


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


def _never(*_: object, **__: object) -> None:
    raise AssertionError("decoded")


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

    @pytest.mark.parametrize(("width", "height"), [(640, 480), (1600, 1600), (1000, 3000)])
    def test_every_size_fits_its_budget_whatever_is_on_it(self, width: int, height: int) -> None:
        file = io.BytesIO()
        noise(width, height).save(file, "JPEG", quality=90)
        made = encode(file.getvalue())
        assert min(made.files) == 320
        for size, files in list(made.files.items())[1:]:
            assert all(len(content) <= BUDGETS[size] for content in files.values())
        assert made.width == max(made.files)

    def test_the_work_is_bounded_whatever_is_on_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Noise is what a quality is lowered for: that is tried on the smallest size alone."""
        pixels = []
        save = Image.Image.save

        def counted(image: Image.Image, *args: object, **more: object) -> None:
            pixels.append(image.width * image.height)
            save(image, *args, **more)  # type: ignore[arg-type]

        file = io.BytesIO()
        noise(1600, 4800).save(file, "JPEG", quality=30)
        monkeypatch.setattr(Image.Image, "save", counted)
        made = encode(file.getvalue())
        assert all(size <= 3_200_000 for size in pixels)
        tries = sum(map(len, photo_encoding.QUALITIES.values()))
        once = 2 * sum((480 * 3 * 480, 960 * 3 * 960, 3_200_000))
        assert sum(pixels) <= tries * 320 * 960 + once
        assert made.height == 3 * made.width

    def test_a_tall_photograph_is_made_narrower(self) -> None:
        made = encode(picture(1600, 4800))
        assert made.width * made.height <= photo_encoding.MOST_MADE_PIXELS
        assert list(made.files) == [320, 480, 960, made.width]


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

    def test_sixteen_bits_of_grey_are_shown_as_grey(self) -> None:
        values = np.full((500, 700), 40_000, dtype=np.uint16)
        values[:, :350] = 1_000
        file = io.BytesIO()
        Image.fromarray(values).save(file, "PNG")
        shown = opened(encode(file.getvalue()).files[320]["webp"]).convert("L")
        assert abs(shown.getpixel((30, 100)) - 4) < 8
        assert abs(shown.getpixel((290, 100)) - 156) < 8

    @pytest.mark.parametrize(("mode", "colour"), [("RGBA", (10, 120, 60, 128)), ("LA", (120, 128))])
    def test_a_large_photograph_with_transparency_is_made_from_a_small_copy(
        self, mode: str, colour: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(photo_encoding, "WIDEST", 320)
        file = io.BytesIO()
        Image.new(mode, (2000, 1400), colour).save(file, "PNG")
        made = encode(file.getvalue())
        assert made.width == 320
        shown = opened(made.files[320]["webp"]).convert("RGB")
        assert abs(shown.getpixel((50, 50))[1] - 187) < 8

    @pytest.mark.parametrize("turn", [2, 3, 4, 5, 6, 7, 8])
    def test_each_way_of_holding_a_telephone_ends_upright(self, turn: int) -> None:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = turn
        made = encode(picture(1200, 800, exif=exif))
        assert (made.width > made.height) == (turn < 5)


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", photo_intake.NO_FILE),
            (b"%PDF-1.7 not a photo", PROBLEM_TEXTS[PhotoProblem.NO_PICTURE]),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PROBLEM_TEXTS[PhotoProblem.NO_PICTURE]),
            (picture(kind="GIF"), PROBLEM_TEXTS[PhotoProblem.NO_PICTURE]),
            (picture(kind="TIFF"), PROBLEM_TEXTS[PhotoProblem.NO_PICTURE]),
            (picture(kind="BMP"), PROBLEM_TEXTS[PhotoProblem.NO_PICTURE]),
            (b"PK\x03\x04" + b"\0" * 60, PROBLEM_TEXTS[PhotoProblem.NO_PICTURE]),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", photo_intake.APPLE),
            (picture() + b"\0" * photo_intake.MOST_BYTES, photo_intake.TOO_LARGE),
        ],
    )
    def test_what_is_no_picture_is_seen_without_decoding(
        self, content: bytes, said: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Image, "open", _never)
        with pytest.raises(Invalid) as refused:
            look_over(content, alt_zh="木屋前的院子", alt_en="")
        assert refused.value.fields == {"photo": said}

    def test_all_faults_are_told_at_once(self) -> None:
        with pytest.raises(Invalid) as refused:
            look_over(b"", alt_zh="IMG_1", alt_en="x")
        assert refused.value.fields.keys() == {"photo", "alt_zh", "alt_en"}

    def test_what_only_begins_like_a_picture(self) -> None:
        for begins in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"):
            assert refusal(begins + b"\0" * 99) in (
                PhotoProblem.NO_PICTURE,
                PhotoProblem.SPOILT,
            )
        assert refusal(b"\0\0\0\x20ftypisom" + b"\0" * 99) == PhotoProblem.NO_PICTURE

    def test_too_much_or_too_little_of_it(self) -> None:
        assert refusal(picture(639, 500)) == PhotoProblem.TOO_SMALL
        assert refusal(picture(2400, 700)) == PhotoProblem.TOO_LONG

    @pytest.mark.parametrize("side", [7100, 9000, 13000, 40000])
    def test_a_bomb_is_refused_before_it_is_decoded(
        self, side: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Image.Image, "load", _never)
        assert refusal(png_of_size(side, side)) == PhotoProblem.TOO_MANY_PIXELS

    @pytest.mark.parametrize("head", [b"VP8X\x0a\0\0\0\0\0\0\0", b"VP8L\0\0\0\0\x2f"])
    def test_a_webp_that_says_it_is_huge(self, head: bytes) -> None:
        body = head + b"\xff" * 40
        content = b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
        assert refusal(content) == PhotoProblem.TOO_MANY_PIXELS

    def test_half_a_file(self) -> None:
        for kind in ("JPEG", "PNG", "WEBP", "AVIF"):
            content = picture(kind=kind)
            assert refusal(content[: len(content) * 2 // 3]) in (
                PhotoProblem.SPOILT,
                PhotoProblem.NO_PICTURE,
            )

    @pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
    def test_what_moves(self, kind: str) -> None:
        file = io.BytesIO()
        frames = [Image.new("RGB", (700, 500), colour) for colour in ("blue", "red")]
        frames[0].save(file, kind, save_all=True, append_images=frames[1:])
        assert refusal(file.getvalue()) == PhotoProblem.MOVING


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
