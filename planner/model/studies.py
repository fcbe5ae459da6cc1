"""Studies of a plan: what other sizes of a pool, hard times and other choices would give."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.model.base import Base, Word
from planner.model.people import PersonRecord
from planner.model.scenarios import AllocationRecord, ScenarioRecord
from planner.model.states import StudyKind


class StudyRecord(Base):
    """What was found, with all that it was computed from; never changed."""

    __tablename__ = "study"
    KIND: ClassVar[str] = "study"

    id: Mapped[int] = mapped_column(primary_key=True)
    # no check in the database: each further kind would rebuild the table, and its refusals with it
    kind: Mapped[StudyKind] = mapped_column(Word(StudyKind))
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenario.id"), index=True)
    # the result that is tried; None where the plan itself is
    allocation_id: Mapped[int | None] = mapped_column(ForeignKey("allocation.id"), index=True)
    plan_sha256: Mapped[str] = mapped_column(String(64))
    # of the calculation that found it; see JobRecord
    key: Mapped[str | None] = mapped_column(String(64), index=True)
    # the canonical plan document
    plan: Mapped[dict[str, Any]]
    question: Mapped[dict[str, Any]]
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    scenario: Mapped[ScenarioRecord] = relationship()
    allocation: Mapped[AllocationRecord | None] = relationship()
    created_by: Mapped[PersonRecord | None] = relationship()
