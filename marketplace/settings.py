"""Settings, all from ``SNOWBIRD_*`` environment variables; frozen, read once, passed in."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from marketplace.kernel.starting import CannotStart

ROOT = Path(__file__).resolve().parent.parent


PREFIX = "SNOWBIRD_"
DATABASES = {"sqlite": {"", "pysqlite"}, "postgresql": {"psycopg"}}
"""The databases that are known, with the drivers of each."""
BROKERS = {"redis", "rediss", "amqp", "amqps"}
GATEWAYS = {"simulated"}
GREATEST_PORT = 65535


class Environment(enum.StrEnum):
    """Where the product runs."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class IndexKind(enum.StrEnum):
    """Where the word index is kept."""

    WHOOSH = "whoosh"
    DATABASE = "database"


class Settings(BaseSettings):
    """Everything an installation can choose; every default runs on one machine without a server."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, populate_by_name=True
    )

    env: Environment = Environment.DEVELOPMENT
    """development shows the outbox page and allows plain cookies; production refuses both."""
    state_dir: Path = ROOT / "var"
    """Database, keys, broker folders, index and logs of an embedded installation."""
    key_file: Path | None = None
    """The secret keys; empty means ``keys.json`` in the state directory."""
    anchor_file: Path | None = None
    """Anchors of the audit trail; empty means ``anchors.jsonl`` in the state directory."""
    database_url: str = ""
    """SQLAlchemy URL; empty means SQLite in the state directory."""
    broker_url: str = ""
    """Celery broker; empty means folders in the state directory. Redis also keeps rate limits."""
    search_index: IndexKind = IndexKind.WHOOSH
    """whoosh keeps word search in files of each node; database, for nodes without a disk."""
    blob_dir: Path | None = None
    """Folder of documents and photographs, shared by all nodes; empty means in the state folder."""
    upload_quota_mb: int = Field(default=200, ge=20, le=100_000)
    """Megabytes that the files of one account may come to."""
    scanner: str = ""
    """Where clamd listens, ``host:port`` or ``unix:/path``; empty means no scan."""
    payment_gateway: str = "simulated"
    """Which gateway takes payments; ``simulated`` never runs in production."""
    other_gateways: str = ""
    """Gateways that took payments before, by commas: still asked and refunded, never opened."""
    web_workers: int = Field(default=1, ge=1, le=64)
    """How many web processes to start."""
    port: int = Field(default=8000, validation_alias="PORT", ge=1, le=65535)
    """The port of the web server (environment variable ``PORT``)."""
    public_url: str = ""
    """Address people and the gateway reach us at; empty means http://127.0.0.1 and the port."""
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    """How many reverse proxies in front set X-Forwarded-For; production has at least one."""
    brand: str = "候鸟吉林"
    """The name on every page."""
    help_phone: str = "0431-1234-5678"
    """The telephone on every page; the default is a sample number."""
    help_hours: str = "8:00–20:00"
    """When somebody answers it."""
    payee: str = "候鸟吉林（示例收款方）"
    """Who receives payments, shown before paying (E-commerce Law article 55)."""
    commission_bp: int = Field(default=1000, ge=0, le=5000)
    """Our commission in basis points, frozen on each booking at sale."""
    held_holds_phone: int = Field(default=3, ge=1)
    """How many unpaid holds a telephone may keep at once."""
    held_holds_address: int = Field(default=30, ge=1)
    """How many unpaid holds a network address may keep; many people can share one."""
    held_nights_phone: int = Field(default=360, ge=1)
    """Room-nights a telephone may keep on hold unpaid, with what it asks for."""
    held_nights_address: int = Field(default=1_800, ge=1)
    """The same for a network address."""
    held_nights_partner: int = Field(default=1_200, ge=1)
    """The same for a partner, beside its credit."""
    held_nights_listing: int = Field(default=360, ge=1)
    """Room-nights of one listing on hold unpaid, beyond which who keeps a hold gets no other."""
    sample_guests: bool = True
    """Whether invented guests come and go in the sample; never in production."""
    filing_number: str = ""
    """ICP filing number for the footer; empty until there is one."""

    @model_validator(mode="wrap")
    @classmethod
    def _say_all_at_once(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Raise ``CannotStart`` with a line for each setting that is missing or cannot be used.

        No line shows what was given: it may be a password.
        """
        given = _typed(given)
        wrong = dict(_unfit(given))
        try:
            made = handler(given)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_input=False):
                name = str(fault["loc"][0]).lower()
                wrong[name] = f"cannot be used: {fault['msg'][0].lower()}{fault['msg'][1:]}"
        else:
            if not wrong:
                return made
        raise CannotStart(
            *(f"{variable(name)} {wrong[name]}" for name in cls.model_fields if name in wrong)
        )

    @field_validator("scanner")
    @classmethod
    def _scanner_address(cls, address: str) -> str:
        host, _, port = address.rpartition(":")
        local = address.startswith("unix:/") and not address.endswith("/")
        numbered = port.isascii() and port.isdigit() and 0 < int(port[:6]) <= GREATEST_PORT
        if address and not local and not (host and numbered):
            raise ValueError("must be host:port or unix:/path")
        return address

    @property
    def gateway_names(self) -> tuple[str, ...]:
        """The gateways in use, each once, the one that takes new payments first."""
        return tuple(dict.fromkeys((self.payment_gateway, *listed(self.other_gateways))))

    @property
    def upload_quota_bytes(self) -> int:
        """Bytes that the files of one account may come to."""
        return self.upload_quota_mb * 1024 * 1024

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.state_dir / 'snowbird.sqlite3'}"

    @property
    def keys(self) -> Path:
        """The file of the secret keys."""
        return self.key_file or self.state_dir / "keys.json"

    @property
    def anchors(self) -> Path:
        """The file of the audit trail's anchors."""
        return self.anchor_file or self.state_dir / "anchors.jsonl"

    @property
    def base_url(self) -> str:
        """The address of this installation, without a trailing slash."""
        return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def help_phone_is_sample(self) -> bool:
        """Whether the telephone on the pages is still the sample number, which nobody answers."""
        return bool(self.help_phone == type(self).model_fields["help_phone"].default)

    @property
    def production(self) -> bool:
        """Whether this is a production installation."""
        return self.env is Environment.PRODUCTION


def variable(name: str) -> str:
    """Return the environment variable that a setting is read from."""
    return str(Settings.model_fields[name].validation_alias or f"{PREFIX}{name.upper()}")


def listed(names: str) -> list[str]:
    """Return the names in a text that separates them by commas."""
    return [name.strip() for name in names.split(",") if name.strip()]


def _typed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings without what an editor leaves around them; of blanks alone is not set."""
    plain = {
        name: value.strip() if isinstance(value, str) else value for name, value in given.items()
    }
    return {name: value for name, value in plain.items() if value != ""}


def _unfit(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the settings that are of the right type and cannot be used, or not in production."""
    production = given.get("env") == Environment.PRODUCTION
    yield from _unfit_gateways(given, production=production)
    if (url := given.get("database_url")) and not _names_a_database(url):
        yield "database_url", "must be a sqlite:///… or postgresql+psycopg://… address"
    if (url := given.get("broker_url")) and not _leads_to_a_host(url, BROKERS):
        yield "broker_url", "must be a redis://… or amqp://… address"
    if (url := given.get("public_url")) and not _is_of_a_site(url, {"http", "https"}):
        yield "public_url", "must be an address such as https://jilin.example"
    if production:
        yield from _missing(given)


def _unfit_gateways(given: Mapping[str, Any], *, production: bool) -> Iterator[tuple[str, str]]:
    gateway = given.get("payment_gateway", "simulated")
    if gateway not in GATEWAYS:
        yield "payment_gateway", f"is not known; there is: {', '.join(sorted(GATEWAYS))}"
    elif production and gateway == "simulated":
        yield "payment_gateway", "is missing: the simulated one never runs in production"
    others = set(listed(str(given.get("other_gateways", ""))))
    if not others <= GATEWAYS:
        yield "other_gateways", f"are not all known; there is: {', '.join(sorted(GATEWAYS))}"
    elif production and "simulated" in others:
        yield "other_gateways", "cannot be used: the simulated one never runs in production"


def _missing(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what production cannot do without; the defaults are samples, or for one machine."""
    if not given.get("public_url"):
        yield "public_url", "is missing: the https address that people reach us at"
    elif not _is_of_a_site(given["public_url"], {"https"}):
        yield "public_url", "must be an https address in production"
    if _is_none(given.get("trusted_proxies", 0)):
        yield "trusted_proxies", "is missing: how many reverse proxies stand in front, 1 to 5"
    if _is_sample(given, "help_phone"):
        yield "help_phone", "is missing: the telephone on every page; the default is a sample"
    if _is_sample(given, "payee"):
        yield "payee", "is missing: who receives payments; the default is a sample"


def _is_sample(given: Mapping[str, Any], name: str) -> bool:
    return given.get(name) in (None, Settings.model_fields[name].default)


def _is_none(number: object) -> bool:
    """Tell whether a number is zero, in whatever form it is written; what is none is told later."""
    try:
        return float(str(number)) == 0
    except ValueError:
        return False


def _names_a_database(url: str) -> bool:
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        return False
    backend, _, driver = found.drivername.partition("+")
    return driver in DATABASES.get(backend, ())


def _is_of_a_site(url: str, schemes: set[str]) -> bool:
    """Tell whether an address is that of a whole site: every address of ours begins with it."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        found = urlsplit(url)
        named = all((found.hostname or "").split(".")) and found.port != 0
    except ValueError:  # no port, or none that there is
        return False
    whole = not (found.query or found.fragment or found.username is not None)
    return found.scheme in schemes and named and whole and found.path in ("", "/")


def _leads_to_a_host(url: str, schemes: set[str]) -> bool:
    try:
        found = urlsplit(url)
    except ValueError:
        return False
    return found.scheme in schemes and bool(found.hostname)
