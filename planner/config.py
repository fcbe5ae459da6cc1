"""Where the application keeps its data, and the settings without which it does not start."""

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from planner.clock import utc_now

DATABASE_FILE = "bundlinje.sqlite"
SECRET_FILE = "secret-key"  # noqa: S105 - the name of a file
SHORTEST_SECRET = 32
KNOWN_SECRETS = frozenset({"secret", "dev", "development", "changeme", "change-me", "test"})

LEASE_SECONDS = 30
MOST_LEASE_SECONDS = 600

MEBIBYTE = 1024 * 1024
# a plan file, uploaded or read by a command: what one of them takes, the other takes too
MOST_PLAN_BYTES = 12 * MEBIBYTE


class ConfigError(Exception):
    """A setting with which the application must not start."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of one running application.

    Parameters
    ----------
    database_url : str
        SQLAlchemy address of the database.
    secret_key : str
        Signs the cookies.
    data_folder : path
        Where files that can be made again are kept.
    queue_url : str
        Redis that tells workers of a calculation at once; empty: they look by themselves.
    is_loopback : bool
        Whether only this machine can reach the application.
    is_https : bool
        Whether readers come over TLS; cookies are then bound to it.
    proxies : int
        How many proxies of ours stand in front.
    password_cost : dict
        Options of argon2; tests make it cheap.
    """

    database_url: str
    secret_key: str = field(repr=False)
    data_folder: Path
    queue_url: str = ""
    is_loopback: bool = True
    is_https: bool = False
    proxies: int = 0
    debug: bool = False
    testing: bool = False
    most_request_bytes: int | None = 12 * MEBIBYTE
    most_form_bytes: int | None = 500_000
    most_form_parts: int | None = 1_000
    password_cost: Mapping[str, Any] = field(default_factory=dict)
    clock: Callable[[], datetime] = utc_now

    def refuse_if_unsafe(self) -> None:
        """Raise `ConfigError` for the first setting that would be unsafe."""
        if self.debug:
            raise ConfigError("the debug mode shows the inside to strangers; it must be off")
        key = self.secret_key
        if len(key) < SHORTEST_SECRET or key.casefold().strip("-_0123456789") in KNOWN_SECRETS:
            raise ConfigError(f"the secret key must be unknown and {SHORTEST_SECRET} characters")
        if not (self.most_request_bytes and self.most_form_bytes and self.most_form_parts):
            raise ConfigError("there must be a limit to the size of what is sent in")


def is_loopback(host: str) -> bool:
    """Say whether ``host`` is this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def default_data_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return the user's folder for application data, as the platform has it."""
    environment = os.environ if environment is None else environment
    if sys.platform == "win32":
        base = Path(environment.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "bundlinje"


def database_path(data: Path | None = None) -> Path:
    """Return where the embedded database lies."""
    return (data or default_data_folder()).resolve() / DATABASE_FILE


def database_url(data: Path | None = None) -> str:
    """Return the database's address: the setting, else the embedded one in the data folder."""
    url = os.environ.get("BUNDLINJE_DATABASE_URL")
    if not url:
        return f"sqlite:///{database_path(data)}"
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


def queue_url() -> str:
    """Return the address of the Redis that is set, or nothing."""
    return os.environ.get("BUNDLINJE_QUEUE", "")


def lease_seconds() -> int:
    """Return for how long a worker's word holds: 30 seconds, or as set, the same for all workers.

    Raises
    ------
    ConfigError
        When the setting is no number from 1 to 600.
    """
    set_to = os.environ.get("BUNDLINJE_LEASE_SECONDS", str(LEASE_SECONDS))
    if not set_to.isascii() or not set_to.isdigit() or not 1 <= int(set_to) <= MOST_LEASE_SECONDS:
        raise ConfigError("BUNDLINJE_LEASE_SECONDS is a number from 1 to 600")
    return int(set_to)


def load_config(*, data: Path | None = None, host: str = "127.0.0.1") -> Config:
    """Return the settings from the environment and the data folder, which is made if missing."""
    folder = (data or default_data_folder()).resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Config(
        database_url=database_url(data),
        secret_key=os.environ.get("BUNDLINJE_SECRET_KEY") or _kept_secret(folder),
        data_folder=folder,
        queue_url=queue_url(),
        is_loopback=is_loopback(host),
        is_https=os.environ.get("BUNDLINJE_HTTPS", "") == "1",
        proxies=int(os.environ.get("BUNDLINJE_PROXIES", "0")),
    )


def _kept_secret(folder: Path) -> str:
    path = folder / SECRET_FILE
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii").strip()
