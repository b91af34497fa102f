"""What a file is, by its bytes alone: a workbook, a CSV and in which writing, or neither."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

import charset_normalizer

from catalog.bulk.reasons import FileRefused

XLSX = "xlsx"
SAMPLE_BYTES = 64 * 1024
CHUNK_BYTES = 256 * 1024
FIRST_BYTES = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"RIFF", "WebP/RIFF"),
    (b"%PDF", "PDF"),
    (b"\xd0\xcf\x11\xe0", "XLS/DOC"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (b"\x7fELF", "ELF"),
    (b"MZ", "EXE"),
)
"""How other kinds of files begin."""
MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
WRITINGS = [
    "gb18030", "gbk", "gb2312", "big5", "cp932", "shift_jis", "euc_jp", "cp949", "euc_kr",
    "utf_16_le", "utf_16_be", "cp1251", "cp1252", "latin_1",
]  # fmt: skip
"""What a file from this part of the world may be written in."""
OF_GB18030 = {"gb18030", "gbk", "gb2312"}


def encoding_of(data: bytes) -> str:
    """Return ``xlsx`` for a workbook, else the encoding of a CSV: ``utf-8-sig`` or ``gb18030``.

    Raises:
        FileRefused: it is empty, no table, or written in something else.
    """
    if not data.strip():
        raise FileRefused("empty")
    if data.startswith(b"PK\x03\x04"):
        return XLSX
    for reason, starts in (("encoding", MARKS), ("not_table", FIRST_BYTES)):
        for start, name in starts:
            if data.startswith(start):
                raise FileRefused(reason, found=name)
    if _decodes(data, "utf-8-sig"):
        if b"\0" in data:
            raise FileRefused("not_table", found="binary")
        return "utf-8-sig"
    return _other(data)


def _other(data: bytes) -> str:
    sample = data[:SAMPLE_BYTES]
    if len(data) > SAMPLE_BYTES:
        # Not in the middle of a character.
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    match = charset_normalizer.from_bytes(sample, cp_isolation=WRITINGS).best()
    if match is None:
        raise FileRefused("not_table", found="binary")
    if OF_GB18030.intersection(match.could_be_from_charset) and b"\0" not in data:
        if _decodes(data, "gb18030"):
            return "gb18030"
        raise FileRefused("encoding", found="GB18030?")
    raise FileRefused("encoding", found=match.encoding.replace("_", "-").upper())


def _decodes(data: bytes, encoding: str) -> bool:
    """Tell whether all of ``data`` is in ``encoding``, without holding a second copy of it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for part in _parts(data):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _parts(data: bytes) -> Iterator[memoryview]:
    whole = memoryview(data)
    for start in range(0, len(whole), CHUNK_BYTES):
        yield whole[start : start + CHUNK_BYTES]
