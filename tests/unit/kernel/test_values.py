"""Stays, codes, clocks and encrypted fields."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy.dialects import sqlite

from marketplace.kernel.clock import SetClock, shanghai_date, shanghai_midnight
from marketplace.kernel.crypto import EncryptedString, blind_index, blind_indexes, install
from marketplace.kernel.ids import CODE_SYMBOLS, RandomIds, group_code
from marketplace.kernel.keyring import Keyring
from marketplace.kernel.stay import Stay

DIALECT = sqlite.dialect()
DAY = dt.date(2027, 6, 20)


class TestStay:
    def test_it_is_half_open(self) -> None:
        stay = Stay.of(DAY, 60)
        assert stay.check_out == dt.date(2027, 8, 19)
        assert len(list(stay.days())) == stay.nights == 60
        assert stay.check_out not in list(stay.days())

    @pytest.mark.parametrize("nights", [0, -3, 121])
    def test_an_impossible_length_is_refused(self, nights: int) -> None:
        with pytest.raises(ValueError, match="nights"):
            Stay.of(DAY, nights)


class TestShanghaiDates:
    @pytest.mark.parametrize(
        ("utc", "day"),
        [
            (dt.datetime(2027, 6, 20, 15, 59, 59, tzinfo=dt.UTC), dt.date(2027, 6, 20)),
            (dt.datetime(2027, 6, 20, 16, 0, 0, tzinfo=dt.UTC), dt.date(2027, 6, 21)),
        ],
    )
    def test_the_day_begins_at_midnight_in_shanghai(self, utc: dt.datetime, day: dt.date) -> None:
        assert shanghai_date(utc) == day

    def test_midnight_is_sixteen_o_clock_utc_of_the_day_before(self) -> None:
        assert shanghai_midnight(DAY) == dt.datetime(2027, 6, 19, 16, tzinfo=dt.UTC)

    def test_a_clock_wants_a_zone(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            SetClock(dt.datetime(2027, 6, 20))  # noqa: DTZ001 - what is refused


class TestCodes:
    def test_codes_have_ten_symbols_that_nobody_mishears(self) -> None:
        code = RandomIds().new_code()
        assert len(code) == 10
        assert set(code) <= set(CODE_SYMBOLS)
        assert not set("01OILBSZ") & set(CODE_SYMBOLS)

    def test_what_is_read_aloud_comes_back(self) -> None:
        assert group_code("23467894AF") == "234 678 94AF"


class TestEncryption:
    def test_a_value_survives_and_is_not_readable(self) -> None:
        column = EncryptedString("booking.phone")
        stored = column.process_bind_param("13912345678", DIALECT)
        assert stored is not None
        assert "139" not in stored
        assert stored.startswith("v1:")
        assert column.process_result_value(stored, DIALECT) == "13912345678"

    def test_a_value_moved_to_another_column_does_not_open(self) -> None:
        stored = EncryptedString("booking.phone").process_bind_param("13912345678", DIALECT)
        with pytest.raises(InvalidTag):
            EncryptedString("booking.lead_name").process_result_value(stored, DIALECT)

    def test_an_old_key_still_reads_after_rotation(self, keyring: Keyring) -> None:
        column = EncryptedString("booking.phone")
        stored = column.process_bind_param("13912345678", DIALECT)
        install(dataclasses.replace(keyring, encryption=(("2", b"\x09" * 32), *keyring.encryption)))
        assert column.process_result_value(stored, DIALECT) == "13912345678"
        fresh = column.process_bind_param("13912345678", DIALECT)
        assert fresh is not None
        assert fresh.startswith("v2:")

    def test_equal_values_of_different_kinds_have_different_indexes(self) -> None:
        assert blind_index("phone", "1") == blind_index("phone", "1")
        assert blind_index("phone", "1") != blind_index("address", "1")

    def test_an_old_index_is_still_looked_for(self, keyring: Keyring) -> None:
        before = blind_index("phone", "1")
        install(dataclasses.replace(keyring, index=(("2", b"\x09" * 32), *keyring.index)))
        assert blind_indexes("phone", "1") == [blind_index("phone", "1"), before]
        assert blind_index("phone", "1") != before
