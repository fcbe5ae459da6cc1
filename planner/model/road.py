"""The steps that candidates have taken on the road from idea to made permanent."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.model.base import Base, Word, word_check
from planner.model.interventions import InterventionRecord
from planner.model.people import PersonRecord
from planner.model.states import Stage


class StageStepRecord(Base):
    """One step: from where to where, who answers for it, on which day; never changed."""

    __tablename__ = "stage_step"
    __table_args__ = (word_check("from_stage", Stage), word_check("to_stage", Stage))
    KIND: ClassVar[str] = "stage_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    intervention_id: Mapped[int] = mapped_column(ForeignKey("intervention.id"), index=True)
    from_stage: Mapped[Stage] = mapped_column(Word(Stage))
    to_stage: Mapped[Stage] = mapped_column(Word(Stage))
    # who answers for the step, by name
    owner: Mapped[str] = mapped_column(String(200), default="")
    # the day of the decision itself; it may have been written down later
    on_date: Mapped[date]
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    intervention: Mapped[InterventionRecord] = relationship()
    created_by: Mapped[PersonRecord | None] = relationship()
