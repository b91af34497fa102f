"""Settings, all from ``SNOWBIRD_*`` environment variables; frozen, read once, passed in."""

from __future__ import annotations

import enum
from pathlib import Path

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


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

    model_config = SettingsConfigDict(env_prefix="SNOWBIRD_", frozen=True, populate_by_name=True)

    env: Environment = Environment.DEVELOPMENT
    """development shows the outbox page and allows plain cookies; production refuses both."""
    state_dir: Path = ROOT / "var"
    """Database, keys, broker folders, index and logs of an embedded installation."""
    database_url: str = ""
    """SQLAlchemy URL; empty means SQLite in the state directory."""
    broker_url: str = ""
    """Celery broker; empty means folders in the state directory. Redis also keeps rate limits."""
    search_index: IndexKind = IndexKind.WHOOSH
    """whoosh keeps word search in files of each node; database, for nodes without a disk."""
    blob_dir: Path | None = None
    """Folder of documents and photographs, shared by all nodes; empty means in the state folder."""
    payment_gateway: str = "simulated"
    """Which gateway takes payments; ``simulated`` never runs in production."""
    web_workers: int = Field(default=1, ge=1, le=64)
    """How many web processes to start."""
    port: int = Field(default=8000, validation_alias="PORT", ge=1, le=65535)
    """The port of the web server (environment variable ``PORT``)."""
    public_url: str = ""
    """Address people and the gateway reach us at; empty means http://127.0.0.1 and the port."""
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    """How many reverse proxies in front set X-Forwarded-For."""
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
    filing_number: str = ""
    """ICP filing number for the footer; empty until there is one."""

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> Settings:
        if self.env is Environment.PRODUCTION:
            if self.payment_gateway == "simulated":
                raise ValueError(
                    "SNOWBIRD_PAYMENT_GATEWAY=simulated takes no money and never runs in production"
                )
            if not self.public_url.startswith("https://"):
                raise ValueError("SNOWBIRD_PUBLIC_URL must be an https address in production")
        if self.payment_gateway != "simulated":
            raise ValueError(f"SNOWBIRD_PAYMENT_GATEWAY={self.payment_gateway} is not known")
        return self

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.state_dir / 'snowbird.sqlite3'}"

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
