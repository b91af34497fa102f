"""What a file is, by its bytes alone: a workbook, a CSV and in which writing, or neither.

By rule, not by statistics of languages: a mark at its beginning, else strict UTF-8, else GB18030
if what comes out looks Chinese. A file that both readings fit, and that holds letters in UTF-8
which no Chinese table has, is left to a person: two characters of GBK may be Cyrillic in UTF-8.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from catalog.bulk.reasons import FileRefused
from catalog.bulk.tables.scripts import (
    CYRILLIC,
    HAN,
    HANGUL,
    KANA,
    LATIN,
    all_of,
    holds,
    letters_of,
)

XLSX = "xlsx"
UTF8, GB18030 = "utf-8-sig", "gb18030"
AMBIGUOUS = "ambiguous"
"""Stands for the encoding until somebody has said which."""
CHOICES = {"utf-8": UTF8, "gb18030": GB18030, "gbk": GB18030, "utf-16": "utf-16"}
"""What a person may say, and what is read then."""
CHUNK_BYTES = 256 * 1024
SAMPLE_BYTES = 64 * 1024
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
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
KOREAN = "EUC-KR (CP949)"
OTHERS = (
    ("EUC-JP", "euc_jp", KANA),
    ("Shift-JIS (CP932)", "cp932", KANA),
    ("Big5", "cp950", HAN),
    (KOREAN, "cp949", HANGUL),
    ("Windows-1252", "cp1252", LATIN),
    ("Windows-1251", "cp1251", CYRILLIC),
)
"""What else a file may be written in: its name, the codec, and the letters that tell it."""
FEWEST_SYLLABLES = 16
"""Different ones. In GB18030 they are everyday characters, but from the first half of their table:
so many Chinese ones never all are."""


def encoding_of(data: bytes, said: str = "") -> str:
    """Return ``xlsx`` for a workbook, else the encoding of a CSV, or ``AMBIGUOUS``.

    ``said`` is one of ``CHOICES`` when a person has told the encoding.

    Raises:
        FileRefused: it is empty, no table, or written in something else.
    """
    if not data.strip():
        raise FileRefused("empty")
    if data.startswith(b"PK\x03\x04"):
        return XLSX
    for start, name in FIRST_BYTES:
        if data.startswith(start):
            raise FileRefused("not_table", found=name)
    encoding = CHOICES[said] if said else _by_rule(data)
    if encoding != AMBIGUOUS and not _decodes(data, encoding):
        raise FileRefused("not_so_written", found=encoding.removesuffix("-sig").upper())
    return encoding


def _by_rule(data: bytes) -> str:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    if b"\0" in data:
        raise FileRefused("not_table", found="binary")
    chinese = _decodes(data, GB18030)
    if _decodes(data, UTF8):
        strange = letters_of(_texts(data, UTF8)).strange
        return AMBIGUOUS if strange and chinese else UTF8
    if chinese and letters_of(_texts(data, GB18030)).look_chinese:
        if _is_korean(data):
            raise FileRefused("encoding", found=KOREAN)
        return GB18030
    raise _other(data)


def _is_korean(data: bytes) -> bool:
    """Tell whether every letter beyond ASCII is a syllable of Korean, and there are many."""
    syllables: set[str] = set()
    try:
        for text in _texts(data, "cp949"):
            if not all_of(text, HANGUL):
                return False
            syllables.update(text)
    except UnicodeError:
        return False
    return sum(not sign.isascii() and sign.isalpha() for sign in syllables) >= FEWEST_SYLLABLES


def _other(data: bytes) -> FileRefused:
    """Return the refusal that names what the file seems to be written in, or the line at fault."""
    if line := _odd_line(data):
        return FileRefused("odd_line", line=line)
    sample = data[:SAMPLE_BYTES]
    if len(data) > SAMPLE_BYTES:
        # Not in the middle of a character.
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    for name, codec, script in OTHERS:
        if _decodes(sample, codec) and holds(sample.decode(codec), script):
            return FileRefused("encoding", found=name)
    return FileRefused("not_table", found="binary")


def _odd_line(data: bytes) -> int:
    """Return the first line that is written otherwise than the rest, or holds half a character.

    Nought where the lines do not agree on one writing that is ours.
    """
    lines = [
        (number, line) for number, line in enumerate(data.split(b"\n"), 1) if not line.isascii()
    ]
    odd = [number for number, line in lines if not _decodes(line, UTF8)]
    if 2 * len(odd) < len(lines):
        return odd[0]
    odd = [number for number, line in lines if not _decodes(line, GB18030)]
    rest = b"\n".join(line for number, line in lines if number not in odd)
    if len(odd) == 1 and letters_of(_texts(rest, GB18030)).look_chinese:
        return odd[0]
    return 0


def _decodes(data: bytes, encoding: str) -> bool:
    """Tell whether all of ``data`` is in ``encoding``, without holding a second copy of it."""
    try:
        for _text in _texts(data, encoding):
            pass
    except UnicodeError:
        return False
    return True


def _texts(data: bytes, encoding: str) -> Iterator[str]:
    """Yield the text piece by piece, each of whole lines where lines are short."""
    decoder = codecs.getincrementaldecoder(encoding)()
    whole, rest = memoryview(data), ""
    for start in range(0, len(whole), CHUNK_BYTES):
        text = rest + decoder.decode(whole[start : start + CHUNK_BYTES])
        cut = text.rfind("\n") + 1 or len(text)
        rest = text[cut:]
        yield text[:cut]
    yield rest + decoder.decode(b"", final=True)


def differing(data: bytes, most: int = 3) -> list[tuple[str, str]]:
    """Return the first lines that UTF-8 and GB18030 read differently, each in both readings."""
    lines = (line.strip() for line in data.splitlines() if not line.isascii())
    found = []
    for line in lines:
        found.append((line.decode(UTF8, "replace"), line.decode(GB18030, "replace")))
        if len(found) == most:
            break
    return found
