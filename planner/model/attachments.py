"""Files that belong to a version of a case; their bytes lie in the data folder."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.model.base import Base, Word, word_check
from planner.model.interventions import CaseRecord
from planner.model.people import PersonRecord
from planner.model.states import FileKind

MOST_BYTES = 10 * 1024 * 1024


class AttachmentRecord(Base):
    """One file, found by the SHA-256 of its content; taken out, it is kept but not shown."""

    __tablename__ = "attachment"
    __table_args__ = (
        word_check("kind", FileKind),
        CheckConstraint(f"size BETWEEN 1 AND {MOST_BYTES}", name="size"),
    )
    KIND: ClassVar[str] = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("business_case.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[FileKind] = mapped_column(Word(FileKind))
    # bytes
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    case: Mapped[CaseRecord] = relationship()
    created_by: Mapped[PersonRecord | None] = relationship(foreign_keys=[created_by_id])
    removed_by: Mapped[PersonRecord | None] = relationship(foreign_keys=[removed_by_id])
