"""A bell between those who ask for a calculation and the workers, on Redis where one is set.

The jobs stand in the database, and only there. Whoever adds one rings after the commit, and a
worker that has nothing to do listens, instead of asking the database four times a second. A ring
that is lost costs a worker's next look, never a job. Set as ``BUNDLINJE_QUEUE=redis://host:6379``
for web processes and workers alike; needs the extra ``redis``.
"""

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from planner.config import ConfigError

if TYPE_CHECKING:
    from redis import Redis

POLL_SECONDS = 0.25
LISTEN_SECONDS = 1
#: a Redis that does not answer holds up nobody longer than this, and is then left alone for a while
TIMEOUT_SECONDS = 0.5
QUIET_SECONDS = 5.0
KEY = "bundlinje:bell"
#: rings that nobody has heard yet
MOST_RINGS = 64

logger = logging.getLogger(__name__)


class Bell(Protocol):
    """What tells workers that a calculation waits."""

    def ring(self) -> None:
        """Say that one waits."""

    def listen(self, ending: threading.Event) -> None:
        """Return when one may wait, after a while, or when the worker is to end."""


@dataclass(frozen=True, slots=True)
class NoBell:
    """Without Redis a worker looks into the database again soon."""

    def ring(self) -> None:
        """Do nothing: the workers look by themselves."""

    def listen(self, ending: threading.Event) -> None:
        """Wait a quarter of a second."""
        ending.wait(POLL_SECONDS)


@dataclass(slots=True)
class RedisBell:
    """A list of rings: each is heard by one worker."""

    redis: "Redis"
    quiet_until: float = field(default=0.0)

    @classmethod
    def at(cls, url: str) -> "RedisBell":
        """Return the bell of a Redis server.

        Raises
        ------
        ConfigError
            When the package is missing or the address cannot be read.
        """
        try:
            import redis
        except ImportError as missing:
            raise ConfigError("BUNDLINJE_QUEUE needs the Python package `redis`") from missing
        try:
            made = redis.Redis.from_url(
                url,
                socket_connect_timeout=TIMEOUT_SECONDS,
                socket_timeout=LISTEN_SECONDS + TIMEOUT_SECONDS,
            )
        except ValueError as error:
            raise ConfigError(f"BUNDLINJE_QUEUE: {error}") from error
        return cls(made)

    def ring(self) -> None:
        """Say that a calculation waits; a server that does not answer is no reason to fail."""
        from redis.exceptions import RedisError

        if time.monotonic() < self.quiet_until:
            return
        try:
            with self.redis.pipeline() as several:
                several.lpush(KEY, "1")
                several.ltrim(KEY, 0, MOST_RINGS - 1)
                several.execute()
        except RedisError as error:
            self._be_quiet(error)

    def listen(self, ending: threading.Event) -> None:
        """Wait for a ring, at most a second."""
        from redis.exceptions import RedisError

        if time.monotonic() < self.quiet_until:
            ending.wait(POLL_SECONDS)
            return
        try:
            self.redis.brpop([KEY], timeout=LISTEN_SECONDS)
        except RedisError as error:
            self._be_quiet(error)

    def _be_quiet(self, error: Exception) -> None:
        self.quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("Redis does not answer, workers look by themselves meanwhile: %s", error)


def bell_at(url: str) -> Bell:
    """Return the bell at an address; none where there is no address.

    Raises
    ------
    ConfigError
        When the setting cannot be used.
    """
    return RedisBell.at(url) if url else NoBell()
