"""What finance and a department say to each other about a case."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.model.base import Base
from planner.model.interventions import CaseRecord
from planner.model.people import PersonRecord


class CommentRecord(Base):
    """One comment at a field or at the whole version; its text is never changed.

    The first comment of a thread says whether the thread is resolved.
    """

    __tablename__ = "comment"
    KIND: ClassVar[str] = "comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("business_case.id"), index=True)
    # the comment that is answered; NULL: it begins a thread
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"), index=True)
    # name of the field; empty: the whole case
    field: Mapped[str] = mapped_column(String(50), default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    case: Mapped[CaseRecord] = relationship()
    author: Mapped[PersonRecord] = relationship(foreign_keys=[author_id])
    resolved_by: Mapped[PersonRecord | None] = relationship(foreign_keys=[resolved_by_id])
