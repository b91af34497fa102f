"""Settings: whatever is missing or cannot be used is told at once, and nothing that is secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from marketplace.kernel.starting import CannotStart
from marketplace.settings import Settings, variable

NAMES = [variable(name) for name in Settings.model_fields]
WHOLE = {
    "SNOWBIRD_ENV": "production",
    "SNOWBIRD_PUBLIC_URL": "https://jilin.example",
    "SNOWBIRD_TRUSTED_PROXIES": "1",
    "SNOWBIRD_HELP_PHONE": "0431-555-0100",
    "SNOWBIRD_PAYEE": "示例结算公司",
}
GATEWAY = "SNOWBIRD_PAYMENT_GATEWAY is missing: the simulated one never runs in production"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def told(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    """What is told of an environment; nothing when it can be used."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    try:
        Settings()
    except CannotStart as refusal:
        return list(refusal.lines)
    return []


def names(lines: list[str]) -> list[str]:
    return [line.partition(" ")[0] for line in lines]


class TestProduction:
    def test_everything_that_is_missing_is_told_at_once(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lines = told(monkeypatch, SNOWBIRD_ENV="production")
        assert sorted(names(lines)) == [
            "SNOWBIRD_HELP_PHONE",
            "SNOWBIRD_PAYEE",
            "SNOWBIRD_PAYMENT_GATEWAY",
            "SNOWBIRD_PUBLIC_URL",
            "SNOWBIRD_TRUSTED_PROXIES",
        ]
        assert all(" is missing: " in line for line in lines)

    def test_the_simulated_gateway_never_runs_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert told(monkeypatch, **WHOLE) == [GATEWAY]
        assert told(monkeypatch, SNOWBIRD_PAYMENT_GATEWAY="simulated") == [GATEWAY]

    @pytest.mark.parametrize("name", sorted(WHOLE.keys() - {"SNOWBIRD_ENV"}))
    @pytest.mark.parametrize("given", [None, "", " ", "\u3000\n"])
    def test_one_that_is_missing_has_one_line(
        self, monkeypatch: pytest.MonkeyPatch, name: str, given: str | None
    ) -> None:
        whole = {key: value for key, value in WHOLE.items() if key != name}
        lines = told(monkeypatch, **whole, **({} if given is None else {name: given}))
        assert sorted(names(lines)) == sorted([name, "SNOWBIRD_PAYMENT_GATEWAY"])

    @pytest.mark.parametrize(
        ("name", "given"),
        [
            ("SNOWBIRD_PUBLIC_URL", "http://jilin.example"),
            ("SNOWBIRD_PUBLIC_URL", "https://"),
            ("SNOWBIRD_PUBLIC_URL", "jilin.example"),
            ("SNOWBIRD_PUBLIC_URL", "https://jilin:hunter2@jilin.example"),
            ("SNOWBIRD_PUBLIC_URL", "https://jilin.example/shop"),
            ("SNOWBIRD_PUBLIC_URL", "https://jilin.example/?from=hunter2"),
            ("SNOWBIRD_PUBLIC_URL", "https://jilin.example#top"),
            ("SNOWBIRD_PUBLIC_URL", "https://jilin.example:99999"),
            ("SNOWBIRD_PUBLIC_URL", "https://jilin..example"),
            ("SNOWBIRD_PUBLIC_URL", "https:// jilin.example"),
            ("SNOWBIRD_HELP_PHONE", "0431-1234-5678"),
            ("SNOWBIRD_PAYEE", "候鸟吉林（示例收款方）"),
            ("SNOWBIRD_TRUSTED_PROXIES", "0"),
            ("SNOWBIRD_TRUSTED_PROXIES", "00"),
            ("SNOWBIRD_TRUSTED_PROXIES", " 0"),
            ("SNOWBIRD_TRUSTED_PROXIES", "-0"),
            ("SNOWBIRD_TRUSTED_PROXIES", "0.0"),
            ("SNOWBIRD_TRUSTED_PROXIES", "6"),
            ("SNOWBIRD_TRUSTED_PROXIES", "-1"),
            ("SNOWBIRD_TRUSTED_PROXIES", "one"),
        ],
    )
    def test_one_that_cannot_be_used_has_one_line(
        self, monkeypatch: pytest.MonkeyPatch, name: str, given: str
    ) -> None:
        lines = told(monkeypatch, **(WHOLE | {name: given}))
        assert sorted(names(lines)) == sorted([name, "SNOWBIRD_PAYMENT_GATEWAY"])
        assert "hunter2" not in "".join(lines)


class TestEverywhere:
    @pytest.mark.parametrize(
        ("name", "given"),
        [
            ("SNOWBIRD_ENV", "prod-hunter2"),
            ("SNOWBIRD_ENV", "PRODUCTION"),
            ("SNOWBIRD_PAYMENT_GATEWAY", "hunter2"),
            ("SNOWBIRD_DATABASE_URL", "hunter2"),
            ("SNOWBIRD_DATABASE_URL", "postgresql://jilin:hunter2@127.0.0.1/snowbird"),
            ("SNOWBIRD_DATABASE_URL", "postgres://jilin:hunter2@127.0.0.1/snowbird"),
            ("SNOWBIRD_DATABASE_URL", "mysql://jilin:hunter2@127.0.0.1/snowbird"),
            ("SNOWBIRD_DATABASE_URL", "postgresql+psycopg://jilin:hunter2@host:port/snowbird"),
            ("SNOWBIRD_BROKER_URL", "hunter2"),
            ("SNOWBIRD_BROKER_URL", "http://:hunter2@127.0.0.1"),
            ("SNOWBIRD_BROKER_URL", "redis://[hunter2"),
            ("SNOWBIRD_SEARCH_INDEX", "hunter2"),
            ("SNOWBIRD_WEB_WORKERS", "hunter2"),
            ("SNOWBIRD_WEB_WORKERS", "0"),
            ("SNOWBIRD_COMMISSION_BP", "10.5"),
            ("SNOWBIRD_PUBLIC_URL", "hunter2"),
            ("SNOWBIRD_SCANNER", "hunter2"),
            ("SNOWBIRD_SCANNER", "hunter2:70000"),
            ("SNOWBIRD_SCANNER", "unix:/"),
            ("PORT", "hunter2"),
            ("PORT", "70000"),
        ],
    )
    def test_what_cannot_be_used_is_named_and_not_shown(
        self, monkeypatch: pytest.MonkeyPatch, name: str, given: str
    ) -> None:
        (line,) = told(monkeypatch, **{name: given})
        assert line.startswith(f"{name} ")
        assert "hunter2" not in line
        assert "\n" not in line

    def test_several_are_told_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lines = told(
            monkeypatch,
            SNOWBIRD_ENV="production",
            SNOWBIRD_WEB_WORKERS="many",
            SNOWBIRD_DATABASE_URL="nowhere",
            PORT="x",
        )
        assert len(lines) == len(set(names(lines))) == 8

    def test_what_is_empty_is_not_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert told(monkeypatch, **dict.fromkeys(NAMES, "")) == []
        assert Settings().payee == Settings.model_fields["payee"].default

    def test_blanks_around_a_value_are_no_part_of_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert told(monkeypatch, SNOWBIRD_PAYEE=" 示例结算公司\r\n", SNOWBIRD_BRAND="  ") == []
        assert Settings().payee == "示例结算公司"
        assert Settings().brand == Settings.model_fields["brand"].default

    def test_gateways_in_use_are_named_once_the_default_first(self) -> None:
        assert Settings().gateway_names == ("simulated",)
        assert Settings(other_gateways=" simulated, ,").gateway_names == ("simulated",)

    @pytest.mark.parametrize("others", ["stripe", "simulated,hunter2"])
    def test_other_gateways_are_known_ones(
        self, monkeypatch: pytest.MonkeyPatch, others: str
    ) -> None:
        (line,) = told(monkeypatch, SNOWBIRD_OTHER_GATEWAYS=others)
        assert line == "SNOWBIRD_OTHER_GATEWAYS are not all known; there is: simulated"

    def test_the_simulated_gateway_is_no_other_one_in_production(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lines = told(monkeypatch, **WHOLE, SNOWBIRD_OTHER_GATEWAYS="simulated")
        assert names(lines) == ["SNOWBIRD_PAYMENT_GATEWAY", "SNOWBIRD_OTHER_GATEWAYS"]

    def test_they_can_be_given_as_well(self, tmp_path: Path) -> None:
        assert Settings(state_dir=tmp_path).state_dir == tmp_path
        with pytest.raises(CannotStart, match="SNOWBIRD_PAYMENT_GATEWAY is not known"):
            Settings(payment_gateway="cash")
