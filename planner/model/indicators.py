"""Indicators of a municipality: series by year with their source, in versions."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.model.base import Base
from planner.model.people import PersonRecord


class IndicatorRecord(Base):
    """What is followed from year to year; its numbers lie in its versions."""

    __tablename__ = "indicator"
    __table_args__ = (UniqueConstraint("municipality", "title"),)
    KIND: ClassVar[str] = "indicator"

    id: Mapped[int] = mapped_column(primary_key=True)
    # the address
    key: Mapped[str] = mapped_column(String(110), unique=True)
    municipality: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    created_by: Mapped[PersonRecord | None] = relationship()
    versions: Mapped[list["IndicatorVersionRecord"]] = relationship(
        back_populates="indicator", order_by="IndicatorVersionRecord.number"
    )

    @property
    def newest(self) -> "IndicatorVersionRecord":
        """The version that is shown."""
        return self.versions[-1]


class IndicatorVersionRecord(Base):
    """The numbers of an indicator as one file had them; never changed, never removed."""

    __tablename__ = "indicator_version"
    __table_args__ = (UniqueConstraint("indicator_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    number: Mapped[int]
    unit: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(Text, default="")
    # [[series, year, value as decimal text, source, date of the source], ...] in order of the file
    points: Mapped[list[Any]]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    indicator: Mapped[IndicatorRecord] = relationship(back_populates="versions")
    created_by: Mapped[PersonRecord | None] = relationship()
