"""The one clock; everything else is given the moment."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present moment in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
