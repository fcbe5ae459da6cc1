"""The knowledge shelf: entries with their versions, and which cases use which version."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from optimizer.shelf import Content, ShelfKind
from optimizer.shelf_reader import content_from_document
from planner.model.base import Base, Versioned, Word, word_check
from planner.model.interventions import CaseRecord
from planner.model.people import PersonRecord

#: years after which an entry is to be looked at again, until somebody says otherwise
DEFAULT_YEARS = 3


class ShelfEntryRecord(Versioned, Base):
    """A unit price, an effect or a consequence; what it says lies in its versions."""

    __tablename__ = "shelf_entry"
    __table_args__ = (word_check("kind", ShelfKind),)
    KIND: ClassVar[str] = "shelf"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ShelfKind] = mapped_column(Word(ShelfKind), index=True)
    # the address, and what consequences refer to
    key: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    retired_at: Mapped[datetime | None]
    retired_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    retired_reason: Mapped[str] = mapped_column(Text, default="")

    created_by: Mapped[PersonRecord | None] = relationship(foreign_keys=[created_by_id])
    retired_by: Mapped[PersonRecord | None] = relationship(foreign_keys=[retired_by_id])
    versions: Mapped[list["ShelfVersionRecord"]] = relationship(
        back_populates="entry", order_by="ShelfVersionRecord.number"
    )

    @property
    def is_retired(self) -> bool:
        """Whether it has left the shelf; it stays visible."""
        return self.retired_at is not None

    @property
    def newest(self) -> "ShelfVersionRecord":
        """The version that new cases take."""
        return self.versions[-1]


class ShelfVersionRecord(Base):
    """What an entry says from one moment on; never changed, never removed."""

    __tablename__ = "shelf_version"
    __table_args__ = (UniqueConstraint("entry_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("shelf_entry.id"))
    number: Mapped[int]
    # the fields of a content of `optimizer.shelf`
    content: Mapped[dict[str, Any]]
    source: Mapped[str] = mapped_column(String(500))
    # a year, a month or a day: 2025, 2025-10 or 2025-10-31; empty where nobody knows
    source_date: Mapped[str] = mapped_column(String(10), default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    entry: Mapped[ShelfEntryRecord] = relationship(back_populates="versions")
    created_by: Mapped[PersonRecord | None] = relationship()

    @property
    def says(self) -> Content:
        """The content as a value of the library."""
        return content_from_document(self.entry.kind, self.content)


class CaseShelfUseRecord(Base):
    """A business case is made with one version of an entry."""

    __tablename__ = "case_shelf_use"
    __table_args__ = (UniqueConstraint("case_id", "shelf_version_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("business_case.id"))
    shelf_version_id: Mapped[int] = mapped_column(ForeignKey("shelf_version.id"), index=True)

    case: Mapped[CaseRecord] = relationship(back_populates="shelf_uses")
    version: Mapped[ShelfVersionRecord] = relationship()


class ShelfSettingRecord(Versioned, Base):
    """What is set for the whole shelf; one row."""

    __tablename__ = "shelf_setting"
    __table_args__ = (CheckConstraint("years BETWEEN 1 AND 50", name="years"),)
    KIND: ClassVar[str] = "shelf_setting"

    id: Mapped[int] = mapped_column(primary_key=True)
    years: Mapped[int] = mapped_column(default=DEFAULT_YEARS)
