"""The commands about prices, as somebody at a terminal sees them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from marketplace.bootstrap import Services
from tests.factories import make_enterprise, make_listing, make_room

Run = Callable[..., Result]
RULES = """rule,room,first,last,price,nights,percent,code,name_zh,count,board
tier,R1,,,,30,15,,,,
included,R1,,,,,,,,2,
extra_adult,R1,,,60,,,,,,
extra_bed,R1,,,50,,,,,1,
board,R1,,,15,,,,,,breakfast
promotion,R1,2027-07-11,,,,20,JULY,七月特惠,,
restriction,R1,2027-08-01,2027-08-20,,5,,,,,
"""


@pytest.fixture
def run(app: Flask, services: Services) -> Run:
    """Run ``prices …``; room R1 costs 200 yuan and its listing takes 2 to 60 nights."""
    with services.database.write() as session:
        owner = make_enterprise(session, code="AAA")
        listing = make_listing(
            session, enterprise_id=owner, code="AAAL", min_nights=2, max_nights=60
        )
        make_room(session, listing_id=listing, code="R1", max_adults=3, max_guests=4)

    def invoke(*words: object) -> Result:
        with app.app_context():
            args = ["prices", *map(str, words)]
            result = app.test_cli_runner().invoke(args=args)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result

    return invoke


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "rules.csv"
    file.write_text(RULES, encoding="utf-8")
    return file


def quoted(run: Run, *words: object) -> list[str]:
    """The lines of a quote for room R1 from 2027-07-01 on."""
    result = run("quote", "R1", "--arrive", "2027-07-01", *words)
    assert result.exit_code == 0, result.output
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


class TestImport:
    def test_says_first_and_does_it_when_told(self, run: Run, file: Path) -> None:
        looked = run("import", file)
        assert "R1: changed" in looked.stdout
        assert "  new        extra_adult price=60" in looked.stdout
        assert "  20 dates get other restrictions" in looked.stdout
        assert looked.stdout.endswith(
            "1 room types changed, 0 unchanged; nothing is changed yet, --apply does it\n"
        )
        assert "extra_adult" not in run("show", "R1").stdout
        assert run("import", file, "--apply").exit_code == 0
        assert "extra_adult price=60" in run("show", "R1").stdout
        again = run("import", file, "--apply", "--enterprise", "AAA")
        assert again.stdout.endswith("0 room types changed, 1 unchanged\n")
        file.write_text(RULES.replace("extra_adult,R1,,,60", "extra_adult,R1,,,70"))
        said = run("import", file).stdout
        assert "  changed    extra_adult price=60\n         to  extra_adult price=70\n" in said

    def test_tells_bad_rows_by_number_and_fails(self, run: Run, file: Path) -> None:
        file.write_text("rule,room,nights,percent\ntier,R1,x,5\ntier,R9,7,5\n", encoding="utf-8")
        result = run("import", file, "--apply")
        assert result.exit_code == 1
        assert "row 2: “x”不是整数" in result.stderr
        assert "row 3: 没有编号为“R9”的房型" in result.stderr
        assert result.stderr.endswith("Error: 有 2 行不能用，什么都没有改\n")

    @pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x01", b"a,b\n1,2\n"])
    def test_refuses_a_file_of_another_kind_in_a_line(
        self, run: Run, file: Path, content: bytes
    ) -> None:
        file.write_bytes(content)
        result = run("import", file)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
        assert "%(" not in result.stderr

    def test_refuses_an_enterprise_that_is_not_there(self, run: Run, file: Path) -> None:
        result = run("import", file, "--enterprise", "ZZZ")
        assert (result.exit_code, "名录编号" in result.stderr) == (1, True)


class TestExport:
    @pytest.mark.parametrize("name", ["out.csv", "out.XLSX"])
    def test_comes_in_again_unchanged(
        self, run: Run, file: Path, tmp_path: Path, name: str
    ) -> None:
        run("import", file, "--apply")
        out = tmp_path / name
        # Seven rows of the file, the policy, and the prices of the calendar.
        assert run("export", out, "--listing", "AAAL").stdout == f"9 rows written to {name}\n"
        assert "0 room types changed, 1 unchanged" in run("import", out).stdout

    def test_says_what_is_missing_or_wrong(self, run: Run, tmp_path: Path) -> None:
        for words in (
            ("export", tmp_path / "out.csv"),
            ("export", tmp_path / "out.csv", "--enterprise", "ZZZ"),
            ("export", tmp_path / "out.txt", "--enterprise", "AAA"),
            ("export", tmp_path / "none" / "out.csv", "--enterprise", "AAA"),
        ):
            result = run(*words)
            assert result.exit_code == 1
            assert result.stderr.startswith("Error: ")


class TestShow:
    def test_a_date_without_a_price_is_not_on_sale(self, run: Run) -> None:
        assert (
            "2030-01-01: no price, not on sale" in run("show", "R1", "--date", "2030-01-01").stdout
        )

    def test_a_date_with_one(self, run: Run, file: Path) -> None:
        run("import", file, "--apply")
        said = run("show", "R1", "--date", "2027-08-01").stdout
        assert "2027-08-01: 200, set by hand\n  restriction first=2027-08-01" in said

    def test_a_room_that_is_not_there(self, run: Run) -> None:
        assert "没有编号为“R9”的房型" in run("show", "R9").stderr


class TestQuote:
    def test_every_line_with_its_reason(self, run: Run, file: Path) -> None:
        run("import", file, "--apply")
        lines = quoted(
            run, "--nights", 30, "--rooms", 2, "--adults", 5, "--board", "breakfast", "--beds", 1
        )
        assert lines == [
            "2027-07: 30 nights at 200.00 x 2 rooms 12,000.00",
            "extra adult: 1 x 30 nights at 60.00 1,800.00",
            "long stay, from 30 nights: 15% off -2,070.00",
            "extra bed: 1 x 30 nights at 50.00 1,500.00",
            "breakfast, adult: 5 x 30 nights at 15.00 2,250.00",
            "total, breakfast 15,480.00",
        ]

    def test_says_when_parts_would_cost_less(self, run: Run, file: Path) -> None:
        run("import", file, "--apply")
        lines = quoted(run, "--nights", 20)
        assert lines[-1] == (
            "booked in parts it costs 400.00 less: 10 nights from 2027-07-01, "
            "then 10 nights from 2027-07-11"
        )

    def test_not_in_parts_that_the_listing_refuses(self, run: Run, file: Path) -> None:
        run("import", file, "--apply")
        # The second part would be one night; the listing takes no less than two.
        assert quoted(run, "--nights", 11)[-1] == "total, room only 2,200.00"

    def test_each_night(self, run: Run) -> None:
        lines = quoted(run, "--nights", 2, "--by-night")
        assert lines[-1] == "2027-07-02: 200.00 is sold for 200.00"

    def test_a_rule_that_refuses(self, run: Run, file: Path) -> None:
        run("import", file, "--apply")
        result = run("quote", "R1", "--arrive", "2027-07-30", "--nights", 3)
        assert result.stdout == "refused by min_nights: 这些日子最少住 5 晚\n"

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--arrive", "2027-05-31", "--nights", 3), "到达日期已经过去"),
            (("--arrive", "2027-07-01", "--nights", 1), "这里最少住 2 晚"),
            (("--arrive", "2027-07-01", "--nights", 3, "--adults", 4), "每间最多住 3 位大人"),
            (("--arrive", "2027-07-01", "--nights", 3, "--beds", 1), "这里最多可以加 0 张床"),
            (("--arrive", "2029-07-01", "--nights", 3), "还没有开放预订"),
        ],
    )
    def test_a_stay_that_cannot_be_had(
        self, run: Run, words: tuple[object, ...], said: str
    ) -> None:
        result = run("quote", "R1", *words)
        assert result.exit_code == 1
        assert said in result.stderr

    @pytest.mark.parametrize(
        "words",
        [
            ("--arrive", "tomorrow", "--nights", 3),
            ("--arrive", "2027-07-01", "--nights", 0),
            ("--arrive", "9999-12-31", "--nights", 3),
            ("--arrive", "2027-07-01", "--nights", 3, "--children", "five"),
            ("--arrive", "2027-07-01", "--nights", 3, "--board", "brunch"),
        ],
    )
    def test_words_that_mean_nothing(self, run: Run, words: tuple[object, ...]) -> None:
        assert run("quote", "R1", *words).exit_code == 2
