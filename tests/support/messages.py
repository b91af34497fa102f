"""Finds every text of the product that is to be translated, and writes the catalogue in order.

``python -m tests.support.messages`` brings the English catalogue up to date: new texts are added
without an English, texts that nobody uses any more are dropped, the rest stays as it is.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from marketplace.web.i18n import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile(r"[㐀-鿿]")
"""A Chinese character; punctuation does not count."""
PLACE = re.compile(r"%\((\w+)\)[sd]")
TEMPLATE_SETTINGS = {"trimmed": "true", "silent": "false", "trim_blocks": "true"}

# Where Chinese is not a text for the catalogue, and why.
FILES_OF_THEIR_OWN = {
    "catalog/geography/source_cities.py": "names as the data files give them",
    "catalog/editorial": "what is told of clusters and themes: in both languages",
    "catalog/bulk/directory_rows.py": "the directory's Chinese notes",
    "catalog/search/document.py": "words that a search may find a place by, in both languages",
    "catalog/search/guide_pages.py": "pages that search may find: in both languages",
    "catalog/search/lexicon.py": "words that people type, and what they mean by them",
    "catalog/search/pinyin.py": "characters that are read in two ways",
    "catalog/office/forbidden_claims.py": "words that a text may not use as they stand",
    "catalog/office/listings/listing_lines.py": "a listing under review: in both languages",
    "catalog/labels.py": "labels that carry their English beside them",
    "catalog/office/entries/completeness.py": "field names with their English beside them",
    "catalog/geography/provinces.py": "names of provinces in both languages",
    "marketplace/staff/password_words.py": "words that passwords are made of; nobody reads them",
    "marketplace/kernel/typed.py": "how people write numbers, dates, money and units",
    "marketplace/notify/message_texts.py": "messages that carry their English beside them",
    "marketplace/pricing/files/columns.py": "names that a price file may use, in both languages",
    "marketplace/web/partner_api/serializers.py": "what programs read, in both languages",
    "marketplace/web/partner_api/openapi.py": "the API's description, in English",
    "marketplace/web/traveller/directory/open_data_files.py": "a file in both languages",
    "marketplace/sample": "sample names and descriptions, data in both languages",
}
# Single texts that are no message, and why.
NO_MESSAGE = {
    "y年M月d日 EEEE": "a date pattern",
    "y年M月d日": "a date pattern",
    "y年M月": "a date pattern",
    "y年": "a date pattern",
    "M月d日": "a date pattern",
    "闰": "part of a lunar date in Chinese",
    "月": "part of a lunar date in Chinese",
    "转": "stands before the extension of a telephone number",
    "镇": "the ending of a town's name",
    "乡": "the ending of a township's name",
    "（示例数据）": "put behind a message to a phone, in Chinese messages only",
}


def _is_ours(path: Path) -> bool:
    name = path.relative_to(ROOT).as_posix()
    return not any(name == own or name.startswith(f"{own}/") for own in FILES_OF_THEIR_OWN)


def python_files() -> list[Path]:
    """Return the modules of the product whose texts belong into the catalogue."""
    found = [path for root in ("catalog", "marketplace") for path in (ROOT / root).rglob("*.py")]
    return sorted(path for path in found if _is_ours(path))


def _strings(tree: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Every text of a module except docstrings, which stand as statements of their own."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.JoinedStr):
            yield node
            stack.extend(part for part in node.values if not isinstance(part, ast.Constant))
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node
        stack.extend(ast.iter_child_nodes(node))


def _is_message(text: str) -> bool:
    return bool(CHINESE.search(text)) and text not in NO_MESSAGE


def of_python(source: str) -> set[str]:
    """Return the messages of a module: texts with Chinese in them, and all that it translates."""
    tree = ast.parse(source)
    texts = {str(node.value) for node in _strings(tree) if isinstance(node, ast.Constant)}
    return {text for text in texts if _is_message(text)} | _translated(tree)


def _translated(tree: ast.AST) -> set[str]:
    """Return what is passed to ``translate`` as it stands, be it a mere comma."""
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "translate"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def put_together(source: str) -> list[int]:
    """Return the lines where Chinese stands in an f-string, which no catalogue can translate."""
    return [
        node.lineno
        for node in _strings(ast.parse(source))
        if isinstance(node, ast.JoinedStr)
        and any(
            isinstance(part, ast.Constant) and CHINESE.search(str(part.value))
            for part in node.values
        )
    ]


def of_template(path: Path) -> set[str]:
    """Return the texts that a template passes to ``_``."""
    with path.open("rb") as file:
        found = extract("jinja2", file, keywords={"_": None}, options=TEMPLATE_SETTINGS)
        return {text for _line, text, _notes, _context in found if isinstance(text, str)}


@lru_cache(maxsize=1)
def all_messages() -> dict[str, str]:
    """Return every message with one file that uses it."""
    found: dict[str, str] = {}
    for path in python_files():
        for message in of_python(path.read_text(encoding="utf-8")):
            found.setdefault(message, path.relative_to(ROOT).as_posix())
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for message in of_template(path):
            found.setdefault(message, path.relative_to(ROOT).as_posix())
    return found


def all_put_together() -> list[str]:
    """Return every place in the product's modules where an f-string holds Chinese."""
    return [
        f"{path.relative_to(ROOT)}:{line}"
        for path in python_files()
        for line in put_together(path.read_text(encoding="utf-8"))
    ]


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Message]:
    """Return the English catalogue by message id, without its header."""
    with CATALOGUE.open("rb") as file:
        return {str(entry.id): entry for entry in read_po(file, locale="en") if entry.id}


def update() -> list[str]:
    """Write the catalogue anew in order and return what still needs an English."""
    kept, fresh = catalogue(), Catalog(locale="en", charset="utf-8", header_comment=HEADER)
    for message in all_messages():
        entry = kept.get(message)
        flags = ["python-format"] if PLACE.search(message) else []
        fresh.add(message, str(entry.string) if entry else "", flags=flags)
    with CATALOGUE.open("wb") as file:
        write_po(file, fresh, width=0, sort_output=True, omit_header=True)
    text = CATALOGUE.read_text(encoding="utf-8").strip("\n")
    CATALOGUE.write_text(f"{HEADER}\n{text}\n", encoding="utf-8")
    return [
        message for message in all_messages() if message not in kept or not kept[message].string
    ]


HEADER = r"""# English words of Snowbird Jilin. The message ids are the product's own Chinese words.
# Kept in order by `python -m tests.support.messages`; see docs/language.md.
msgid ""
msgstr ""
"Project-Id-Version: snowbird-jilin\n"
"Language: en\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"""


if __name__ == "__main__":
    for missing in update():
        sys.stdout.write(f"{all_messages()[missing]}: {missing}\n")
