"""The golden record as files of text, and the first differences between two of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.golden.reading import MAIN

KEPT = Path(__file__).with_name("kept")
MOST_LINES = 60
"""So many lines of differences are shown; the files have them all."""
LONGEST_LINE = 400
LEAST_REPEATED = 3
"""A page of more lines than this that was seen before is named, and not written again."""


def texts_of(
    seen: Mapping[str, Mapping[str, list[str]]], facts: Mapping[str, list[str]]
) -> dict[str, str]:
    """Return the record by file name.

    What stands round many pages, the head and the foot, is written once, and pages name it.
    """
    texts = {f"rows/{name.replace(' ', '-')}.txt": _lines(lines) for name, lines in facts.items()}
    for audience, entries in seen.items():
        texts[f"{audience}.txt"] = _lines(_entries(entries))
    return texts


def _entries(entries: Mapping[str, list[str]]) -> Iterator[str]:
    frames: dict[tuple[str, ...], int] = {}
    bodies: dict[tuple[str, ...], str] = {}
    for heading, lines in entries.items():
        yield f"## {heading}"
        frame, body = _apart(lines)
        if frame in frames:
            yield f"(in frame {frames[frame]})"
        elif frame:
            frames[frame] = len(frames) + 1
            yield f"(in frame {frames[frame]}, first seen here)"
            yield from frame
            yield "(and in it)"
        if len(body) > LEAST_REPEATED and body in bodies:
            yield f"(the same as {bodies[body]})"
        else:
            bodies[body] = heading
            yield from body
        yield ""


def _apart(lines: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what stands round a page, and the page."""
    if lines.count(MAIN) != len(("begin", "end")):
        return (), tuple(lines)
    begin, end = (at for at, line in enumerate(lines) if line == MAIN)
    return (
        (*lines[1:begin], MAIN, *lines[end + 1 :]),
        (lines[0], *lines[begin + 1 : end]),
    )


def _lines(lines: Iterator[str] | list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def write(texts: Mapping[str, str], folder: Path) -> None:
    """Write a record into a folder, and take away what it no longer has."""
    for path in sorted(folder.rglob("*.txt")):
        if path.relative_to(folder).as_posix() not in texts:
            path.unlink()
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def read(folder: Path = KEPT) -> dict[str, str]:
    """Return the record that a folder holds."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode()
        for path in sorted(folder.rglob("*.txt"))
    }


def differences(kept: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the first lines in which two records differ, file by file; none where they agree."""
    told: list[str] = []
    for name in sorted(kept.keys() | now.keys()):
        before, after = kept.get(name, ""), now.get(name, "")
        if before != after:
            told += _short(name, before.splitlines(), after.splitlines())
    return told


def _short(name: str, before: list[str], after: list[str]) -> list[str]:
    """Compare from the first difference on; the whole of two long files would take minutes."""
    first = next(
        (at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]),
        min(len(before), len(after)),
    )
    begin = max(0, first - 2)
    heading = next((line for line in reversed(before[: first + 1]) if line.startswith("## ")), "")
    lines = difflib.unified_diff(
        before[begin : begin + 400], after[begin : begin + 400], "kept", "now", "", "", 1, ""
    )
    told = [_cut(line, _apart_at(before, after, first)) for line in list(lines)[2:MOST_LINES]]
    return [f"--- {name}, from line {first + 1} {heading}".rstrip(), *told]


def _apart_at(before: list[str], after: list[str], line: int) -> int:
    """Return the sign at which the first differing lines part."""
    one, two = (" ".join(lines[line : line + 1]) for lines in (before, after))
    pairs = enumerate(zip(one, two, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(two)))


def _cut(line: str, near: int) -> str:
    """Return a line, of a very long one what stands round the difference."""
    if len(line) <= LONGEST_LINE:
        return line
    begin = max(1, near - LONGEST_LINE // 2)
    return f"{line[0]}…{line[begin : begin + LONGEST_LINE]}…"
