"""Rounds: the windows in which departments hand in their candidates."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.model.base import Base, Versioned, Word, word_check
from planner.model.people import PersonRecord
from planner.model.states import RoundState
from planner.model.strategies import DepartmentRecord, StrategyRecord

round_department = Table(
    "round_department",
    Base.metadata,
    Column("round_id", ForeignKey("round.id"), primary_key=True),
    Column("department_id", ForeignKey("department.id"), primary_key=True),
)


class RoundPhase(StrEnum):
    """Where a round is at a given moment."""

    PLANNED = "planned"
    OPEN = "open"
    OVER = "over"
    CLOSED = "closed"


class RoundRecord(Versioned, Base):
    """One window for handing in, such as ``Budget 2028``."""

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("strategy_id", "name"),
        word_check("state", RoundState),
        CheckConstraint("opens_at < deadline", name="opens_before_deadline"),
    )
    KIND: ClassVar[str] = "round"

    id: Mapped[int] = mapped_column(primary_key=True)
    strategy_id: Mapped[int] = mapped_column(ForeignKey("strategy.id"))
    name: Mapped[str] = mapped_column(String(200))
    opens_at: Mapped[datetime]
    deadline: Mapped[datetime]
    state: Mapped[RoundState] = mapped_column(Word(RoundState), default=RoundState.OPEN)
    # what departments are asked to write about
    template: Mapped[str] = mapped_column(Text, default="")
    # {"submitted": ["evidence", ...], "ready": [...]}: required beyond what every case needs
    required: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # why it was closed or opened again last
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    strategy: Mapped[StrategyRecord] = relationship()
    created_by: Mapped[PersonRecord | None] = relationship()
    # who may submit
    departments: Mapped[list[DepartmentRecord]] = relationship(
        secondary=round_department, order_by=DepartmentRecord.position
    )

    def phase(self, now: datetime) -> RoundPhase:
        """Say whether it is planned, open, over or closed at ``now``."""
        if self.state is RoundState.CLOSED:
            return RoundPhase.CLOSED
        if now < self.opens_at:
            return RoundPhase.PLANNED
        return RoundPhase.OPEN if now <= self.deadline else RoundPhase.OVER

    def takes(self, department_id: int) -> bool:
        """Say whether a department may hand in."""
        return any(department.id == department_id for department in self.departments)
