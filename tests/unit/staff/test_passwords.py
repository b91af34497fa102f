"""Which passwords are refused, and with which words."""

from __future__ import annotations

import secrets

import pytest

from marketplace.kernel.errors import Invalid
from marketplace.staff import passwords

PERSON = ("clerk", "张建国", "139-1234-5678", "示例温泉人家")


WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
"""What an input method in full width makes of Latin letters and digits."""


def reason(password: str) -> str:
    return passwords.reason_against(passwords.normal(password), about=PERSON)


@pytest.mark.parametrize(
    "password",
    [
        "river-birch-stone",
        "river birch stone",
        "correcthorsebatterystaple",
        "x9$Kq2!vBn",
        "春眠不觉晓处处闻啼鸟",
        "河边-白桦-石头-88",
        "clerk-river-birch-stone",
        "river-birch-stone-13912345678",
    ],
)
def test_unrelated_words_and_noise_are_good(password: str) -> None:
    assert reason(password) == ""


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", passwords.WRONG_LENGTH),
        ("候鸟吉林2026", passwords.WRONG_LENGTH),
        ("x" * 129, passwords.WRONG_LENGTH),
        ("         ", passwords.WRONG_LENGTH),
        ("            ", passwords.OUTER_SPACE),
        (" river-birch-stone", passwords.OUTER_SPACE),
        ("river-birch-stone\n", passwords.CONTROL),
        ("river\x00birch-stone", passwords.CONTROL),
        ("13912345678", passwords.ONLY_DIGITS),
        ("220102196205170012", passwords.ONLY_DIGITS),
        ("1962-05-17-1962", passwords.ONLY_DIGITS),
        ("13912345678".translate(WIDE), passwords.ONLY_DIGITS),
        ("password12", passwords.COMMON),
        ("Password123!", passwords.COMMON),
        ("P@ssw0rd2026!", passwords.COMMON),
        ("p-a-s-s-w-o-r-d-1", passwords.COMMON),
        ("password12345".translate(WIDE), passwords.COMMON),
        ("qwertyuiop12", passwords.COMMON),
        ("1qaz2wsx3edc", passwords.COMMON),
        ("Aa123456789", passwords.COMMON),
        ("iloveyou1234", passwords.COMMON),
        ("aaaaaaaaaabbbbbbbb", passwords.REPEATED),
        ("abcdefghijklmnop", passwords.REPEATED),
        ("snowbird-jilin-2026", passwords.KNOWN_WORDS),
        ("Sn0wb1rdJ1l1n!", passwords.KNOWN_WORDS),
        ("houniao2026jilin!", passwords.KNOWN_WORDS),
        ("候鸟吉林长白山2026", passwords.KNOWN_WORDS),
        ("admin@123456", passwords.KNOWN_WORDS),
        ("woaini5201314", passwords.KNOWN_WORDS),
        ("clerk-clerk", passwords.KNOWN_WORDS),
        ("cl3rk_2026_CL3RK", passwords.KNOWN_WORDS),
        ("krelc-krelc-krelc", passwords.REPEATED),
        ("zhangjianguo62", passwords.KNOWN_WORDS),
        ("Jianguo1962zhang", passwords.KNOWN_WORDS),
        ("zjg13912345678", passwords.KNOWN_WORDS),
        ("张建国13912345678", passwords.KNOWN_WORDS),
        ("shiliwenquanrenjia", passwords.KNOWN_WORDS),
        ("SLWQRJ-2026-slwqrj", passwords.KNOWN_WORDS),
    ],
)
def test_what_is_tried_first_is_refused_with_its_reason(password: str, why: str) -> None:
    assert reason(password) == why


def test_what_is_said_is_a_field_of_the_form() -> None:
    with pytest.raises(Invalid) as refused:
        passwords.check("password12", about=())
    assert refused.value.fields == {"new_password": passwords.COMMON}


def test_full_width_and_composed_letters_are_one_password() -> None:
    assert passwords.normal("river".translate(WIDE)) == "river"
    assert passwords.normal("cafe\u0301") == passwords.normal("caf\u00e9")


def test_noise_that_commands_make_is_never_refused() -> None:
    for _ in range(50):
        assert reason(secrets.token_urlsafe(16).replace("-", "x").replace("_", "y")) == ""


def test_what_is_made_here_is_never_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first two throws are refused by chance: digits alone, and a row of the same."""
    thrown = iter(["2468753924687539", "a" * 16, "kmnpqrst2a3b4c5d"])
    symbols = (symbol for throw in thrown for symbol in throw)
    monkeypatch.setattr(secrets, "choice", lambda letters: next(symbols))
    assert passwords.new_password() == "kmnp-qrst-2a3b-4c5d"
    monkeypatch.undo()
    made = {passwords.new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(reason(password) == "" for password in made)
