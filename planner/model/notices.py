"""Notices: what somebody should know, on the overview and by e-mail."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.model.base import Base, Word, word_check
from planner.model.people import PersonRecord
from planner.model.states import NoticeKind


class NoticeRecord(Base):
    """One notice to one person; the same key never reaches a person twice."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("person_id", "key"), word_check("kind", NoticeKind))
    KIND: ClassVar[str] = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[NoticeKind] = mapped_column(Word(NoticeKind))
    object_kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int]
    # what happened, so that it is told once
    key: Mapped[str] = mapped_column(String(100))
    # what its sentence says: {"title": ..., "path": ...}
    said: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None] = mapped_column(index=True)

    person: Mapped[PersonRecord] = relationship()
