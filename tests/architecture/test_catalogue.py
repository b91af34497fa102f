"""The English catalogue is complete, and says nothing that nobody asks for."""

from __future__ import annotations

import re

import pytest

from marketplace.web.i18n import english
from tests.support import messages
from tests.support.messages import CHINESE, PLACE, ROOT

LONGEST_ON_A_BUTTON = 24
# A text on a button or in a short row of links: it has to fit beside another at 360 pixels.
BUTTON = re.compile(
    r'(?:<(?:button|a)[^>]*class="[^"]*\b(?:btn|tool)\b[^"]*"[^>]*>\{\{ |f\.submit\()'
    r'_\("([^"]+)"\)'
)


def english_of(message: str) -> str:
    entry = messages.catalogue().get(message)
    return str(entry.string) if entry else ""


def on_buttons() -> set[str]:
    templates = (ROOT / "templates").rglob("*.html")
    return {text for path in templates for text in BUTTON.findall(path.read_text("utf-8"))}


def test_every_message_has_an_english() -> None:
    missing = [
        f'# {path}\nmsgid "{message}"\nmsgstr ""'
        for message, path in sorted(messages.all_messages().items(), key=lambda pair: pair[::-1])
        if not english_of(message)
    ]
    assert not missing, "no English yet (see docs/language.md):\n" + "\n\n".join(missing)


def test_no_english_without_a_message() -> None:
    assert sorted(set(messages.catalogue()) - set(messages.all_messages())) == []


def test_the_catalogue_is_in_order() -> None:
    known = list(messages.catalogue())
    assert known == sorted(known)


def test_english_holds_no_chinese() -> None:
    entries = messages.catalogue().values()
    assert [entry.string for entry in entries if CHINESE.search(str(entry.string))] == []


def test_places_are_the_same_in_both() -> None:
    different = [
        message
        for message, entry in messages.catalogue().items()
        if sorted(set(PLACE.findall(message))) != sorted(set(PLACE.findall(str(entry.string))))
    ]
    assert different == []


def test_a_per_cent_sign_is_doubled_where_places_are_filled_in() -> None:
    spoilt = [
        message
        for message, entry in messages.catalogue().items()
        if PLACE.search(message)
        and "%" in PLACE.sub("", f"{message} {entry.string}").replace("%%", "")
    ]
    assert spoilt == []


def test_english_sentences_end_where_the_chinese_do() -> None:
    uneven = [
        (message, str(entry.string))
        for message, entry in messages.catalogue().items()
        if message.endswith("。") and len(message) > 1 and not str(entry.string).endswith(".")
    ]
    assert uneven == []


def test_words_on_buttons_are_short() -> None:
    found = on_buttons()
    assert len(found) > 20, "the pattern no longer finds the buttons"
    assert {text for text in found if len(english_of(text)) > LONGEST_ON_A_BUTTON} == set()


def test_no_message_is_put_together_in_code() -> None:
    assert messages.all_put_together() == [], "an f-string cannot be translated: use %(name)s"


def test_every_exception_is_still_needed() -> None:
    for name in messages.FILES_OF_THEIR_OWN:
        path = ROOT / name
        files = [path] if path.is_file() else list(path.rglob("*.py"))
        assert any(CHINESE.search(file.read_text("utf-8")) for file in files), name
    read = "".join(path.read_text("utf-8") for path in messages.python_files())
    assert [text for text in messages.NO_MESSAGE if text not in read] == []


def test_the_catalogue_compiles() -> None:
    assert english().gettext("候鸟吉林") == "Snowbird Jilin"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"""说明"""', set()),
        ('class A:\n    message = "没有找到"\n    """说明"""', {"没有找到"}),
        ('x = "没有" "找到"', {"没有找到"}),
        ('x = {"a": ("找到", "b")}', {"找到"}),
        ('translate("、").join(words)', {"、"}),
        ('"、".join(words)', set()),
        ('x = "y年M月"', set()),
    ],
)
def test_the_collector_finds_messages(source: str, found: set[str]) -> None:
    assert messages.of_python(source) == found


def test_the_collector_finds_what_is_put_together() -> None:
    assert messages.put_together('x = 1\ny = f"共{x}处"\nz = f"{x}-{y}"') == [2]
    assert messages.of_python("x = f'{a(\"没有\")}{b}'") == {"没有"}
