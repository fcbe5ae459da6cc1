"""Scenarios: pools, limits, goal and the exact case versions, drafted, published, compared."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.model.base import Base, Versioned, Word, word_check
from planner.model.interventions import CaseRecord, InterventionRecord
from planner.model.people import PersonRecord
from planner.model.states import Force, ScenarioState
from planner.model.strategies import StrategyRecord


class ScenarioRecord(Versioned, Base):
    """One political alternative."""

    __tablename__ = "scenario"
    __table_args__ = (word_check("state", ScenarioState),)
    KIND: ClassVar[str] = "scenario"

    id: Mapped[int] = mapped_column(primary_key=True)
    strategy_id: Mapped[int] = mapped_column(ForeignKey("strategy.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[ScenarioState] = mapped_column(
        Word(ScenarioState), default=ScenarioState.DRAFT, index=True
    )
    # {"terms": [...]} as in a plan file
    objective: Mapped[dict[str, Any]]
    # the goals after the first, as ``then`` of a plan file's objective
    then: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    # relations as in a plan file, each with an optional "reason"
    relations: Mapped[list[Any]] = mapped_column(default=list)
    # pools as in a plan file
    pools: Mapped[list[Any]] = mapped_column(default=list)
    # possible futures as in a plan file
    outcomes: Mapped[dict[str, Any] | None]
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("scenario.id"))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    edited_at: Mapped[datetime]
    edited_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    strategy: Mapped[StrategyRecord] = relationship()
    copied_from: Mapped["ScenarioRecord | None"] = relationship(remote_side=[id])
    created_by: Mapped[PersonRecord | None] = relationship(foreign_keys=[created_by_id])
    edited_by: Mapped[PersonRecord | None] = relationship(foreign_keys=[edited_by_id])
    published_by: Mapped[PersonRecord | None] = relationship(foreign_keys=[published_by_id])
    limits: Mapped[list["ScenarioLimitRecord"]] = relationship(
        back_populates="scenario",
        order_by="ScenarioLimitRecord.position",
        cascade="all, delete-orphan",
    )
    candidates: Mapped[list["ScenarioCandidateRecord"]] = relationship(
        back_populates="scenario",
        order_by="ScenarioCandidateRecord.id",
        cascade="all, delete-orphan",
    )

    @property
    def is_draft(self) -> bool:
        """Whether it may still be changed."""
        return self.state is ScenarioState.DRAFT


class ScenarioLimitRecord(Base):
    """One limit of a scenario, as a constraint of a plan file; it can be switched off."""

    __tablename__ = "scenario_limit"

    id: Mapped[int] = mapped_column(primary_key=True)
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenario.id"), index=True)
    position: Mapped[int]
    is_on: Mapped[bool] = mapped_column(default=True)
    content: Mapped[dict[str, Any]]

    scenario: Mapped[ScenarioRecord] = relationship(back_populates="limits")


class ScenarioCandidateRecord(Base):
    """One intervention in a scenario, with the case version that the scenario uses."""

    __tablename__ = "scenario_candidate"
    __table_args__ = (
        UniqueConstraint("scenario_id", "intervention_id"),
        word_check("force", Force),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenario.id"))
    intervention_id: Mapped[int] = mapped_column(ForeignKey("intervention.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("business_case.id"), index=True)
    takes_part: Mapped[bool] = mapped_column(default=True)
    force: Mapped[Force | None] = mapped_column(Word(Force))
    force_reason: Mapped[str] = mapped_column(Text, default="")

    scenario: Mapped[ScenarioRecord] = relationship(back_populates="candidates")
    intervention: Mapped[InterventionRecord] = relationship()
    case: Mapped[CaseRecord] = relationship()


class AllocationRecord(Base):
    """A result with all that it was computed from; never changed."""

    __tablename__ = "allocation"
    KIND: ClassVar[str] = "allocation"

    id: Mapped[int] = mapped_column(primary_key=True)
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenario.id"), index=True)
    scenario_version: Mapped[int]
    plan_sha256: Mapped[str] = mapped_column(String(64))
    # the canonical plan document
    plan: Mapped[dict[str, Any]]
    # the result document in Danish
    result: Mapped[dict[str, Any]]
    # the labels of the result's rows in English, in the same order
    labels_en: Mapped[list[Any]] = mapped_column(default=list)
    status: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    scenario: Mapped[ScenarioRecord] = relationship()
    created_by: Mapped[PersonRecord | None] = relationship()


class ExplanationRecord(Base):
    """Why a result is the best, as ``bundlinje explain`` says it; never changed."""

    __tablename__ = "explanation"
    KIND: ClassVar[str] = "explanation"

    id: Mapped[int] = mapped_column(primary_key=True)
    allocation_id: Mapped[int] = mapped_column(ForeignKey("allocation.id"), unique=True)
    # the documents differ in the labels of limits only
    danish: Mapped[dict[str, Any]]
    english: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

    allocation: Mapped[AllocationRecord] = relationship()
