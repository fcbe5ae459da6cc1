"""The log, the log of refused look-ups, and the answers to forms that were sent before."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from planner.model.base import Base


class EventRecord(Base):
    """One line of the log, chained to the line before it; never changed, never removed."""

    __tablename__ = "event"

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    # UTC to the second, as text: it is part of what is hashed
    at: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(40))
    object_kind: Mapped[str] = mapped_column(String(40), index=True)
    object_id: Mapped[str] = mapped_column(String(40), index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    request_id: Mapped[str | None] = mapped_column(String(40))
    # the object's version after the change
    version: Mapped[int | None]
    prev: Mapped[str] = mapped_column(String(64), unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class AccessEventRecord(Base):
    """A look-up that was refused."""

    __tablename__ = "access_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))
    endpoint: Mapped[str] = mapped_column(String(100))
    path: Mapped[str] = mapped_column(String(400))
    status: Mapped[int]
    request_id: Mapped[str | None] = mapped_column(String(40))


class IdempotencyRecord(Base):
    """The answer to one form that was sent, so that sending it again does nothing twice."""

    __tablename__ = "idempotency"
    __table_args__ = (UniqueConstraint("actor", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    actor: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[datetime]
