"""Candidate interventions and the versions of their business case."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.model.base import Base, Versioned, Word, money_checks, word_check, year_check
from planner.model.people import PersonRecord
from planner.model.rounds import RoundRecord
from planner.model.states import CaseState, Category, FlowKind, Origin, Stage
from planner.model.strategies import DepartmentRecord, PayerRecord, StrategyRecord

if TYPE_CHECKING:
    from planner.model.shelf import CaseShelfUseRecord


class InterventionRecord(Versioned, Base):
    """What a department proposes; its argument lies in the cases."""

    __tablename__ = "intervention"
    __table_args__ = (UniqueConstraint("strategy_id", "key"), word_check("stage", Stage))
    KIND: ClassVar[str] = "intervention"

    id: Mapped[int] = mapped_column(primary_key=True)
    strategy_id: Mapped[int] = mapped_column(ForeignKey("strategy.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    # the id in plan files, unique in the strategy
    key: Mapped[str] = mapped_column(String(100))
    # the address, unique everywhere
    code: Mapped[str] = mapped_column(String(110), unique=True)
    # how far it is on the road from idea to made permanent
    stage: Mapped[Stage] = mapped_column(Word(Stage), default=Stage.IDEA)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"), index=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")

    strategy: Mapped[StrategyRecord] = relationship()
    department: Mapped[DepartmentRecord] = relationship()
    round: Mapped[RoundRecord | None] = relationship()
    created_by: Mapped[PersonRecord | None] = relationship(foreign_keys=[created_by_id])
    withdrawn_by: Mapped[PersonRecord | None] = relationship(foreign_keys=[withdrawn_by_id])
    cases: Mapped[list["CaseRecord"]] = relationship(
        back_populates="intervention", order_by="CaseRecord.number"
    )

    @property
    def is_withdrawn(self) -> bool:
        """Whether it has been withdrawn; it stays visible."""
        return self.withdrawn_at is not None

    @property
    def state(self) -> str:
        """The state that `planner.model.states.TRANSITIONS` knows."""
        return "withdrawn" if self.is_withdrawn else "open"


class CaseRecord(Versioned, Base):
    """One version of the economic argument; never changed once it has been submitted."""

    __tablename__ = "business_case"
    __table_args__ = (
        UniqueConstraint("intervention_id", "number"),
        word_check("state", CaseState),
        CheckConstraint("evidence_stars BETWEEN 0 AND 3", name="evidence_stars"),
        year_check("price_year"),
        # at most one open draft of an intervention
        Index(
            "uq_business_case_draft",
            "intervention_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )
    KIND: ClassVar[str] = "case"

    id: Mapped[int] = mapped_column(primary_key=True)
    intervention_id: Mapped[int] = mapped_column(ForeignKey("intervention.id"))
    number: Mapped[int]
    state: Mapped[CaseState] = mapped_column(Word(CaseState), default=CaseState.DRAFT, index=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    target_group: Mapped[str] = mapped_column(String(200), default="")
    supplier: Mapped[str] = mapped_column(String(200), default="")
    external: Mapped[bool] = mapped_column(default=False)
    evidence_stars: Mapped[int] = mapped_column(default=0)
    # what is known, and from where
    evidence: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[list[Any]] = mapped_column(default=list)
    price_year: Mapped[int]
    # the case document of `optimizer.cases`: effects, costs, and what each option has of its own
    argument: Mapped[dict[str, Any] | None]
    # step to the fields as they were typed, where a step could not be read to the end
    typed: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    edited_at: Mapped[datetime]
    edited_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # why it was returned, or a remark at the acceptance
    reason: Mapped[str] = mapped_column(Text, default="")

    intervention: Mapped[InterventionRecord] = relationship(back_populates="cases")
    created_by: Mapped[PersonRecord | None] = relationship(foreign_keys=[created_by_id])
    edited_by: Mapped[PersonRecord | None] = relationship(foreign_keys=[edited_by_id])
    submitted_by: Mapped[PersonRecord | None] = relationship(foreign_keys=[submitted_by_id])
    decided_by: Mapped[PersonRecord | None] = relationship(foreign_keys=[decided_by_id])
    options: Mapped[list["OptionRecord"]] = relationship(
        back_populates="case",
        order_by="OptionRecord.position",
        cascade="all, delete-orphan",
    )
    shelf_uses: Mapped[list["CaseShelfUseRecord"]] = relationship(
        back_populates="case",
        order_by="CaseShelfUseRecord.shelf_version_id",
        cascade="all, delete-orphan",
    )


class OptionRecord(Base):
    """One way to do it: a start, a scale, a financing."""

    __tablename__ = "case_option"
    __table_args__ = (UniqueConstraint("case_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("business_case.id"))
    key: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(200), default="")
    # key of the pool that pays the outlay; NULL: each payer's ordinary budget
    pool: Mapped[str | None] = mapped_column(String(100))
    # smallest scale as decimal text; NULL: all or nothing
    scalable_minimum: Mapped[str | None] = mapped_column(String(40))
    # the outcome contract under which it is done, as in a plan file
    contract: Mapped[dict[str, Any] | None]
    position: Mapped[int] = mapped_column(default=0)

    case: Mapped[CaseRecord] = relationship(back_populates="options")
    flows: Mapped[list["FlowRecord"]] = relationship(
        back_populates="option",
        order_by="FlowRecord.position, FlowRecord.year, FlowRecord.id",
        cascade="all, delete-orphan",
    )
    measures: Mapped[list["MeasureRecord"]] = relationship(
        back_populates="option",
        order_by="MeasureRecord.name, MeasureRecord.year",
        cascade="all, delete-orphan",
    )


class FlowRecord(Base):
    """Whole kroner of one payer in one year; positive is into the purse."""

    __tablename__ = "flow"
    __table_args__ = (
        *money_checks("amount", "low", "high"),
        year_check("year"),
        word_check("category", Category),
        word_check("kind", FlowKind),
        word_check("origin", Origin),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    option_id: Mapped[int] = mapped_column(ForeignKey("case_option.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    # the consequence in words; flows with the same line form one row of the grid
    line: Mapped[str] = mapped_column(String(200), default="")
    year: Mapped[int]
    payer_id: Mapped[int] = mapped_column(ForeignKey("payer.id"))
    category: Mapped[Category] = mapped_column(Word(Category))
    kind: Mapped[FlowKind] = mapped_column(Word(FlowKind))
    amount: Mapped[int] = mapped_column(BigInteger)
    low: Mapped[int | None] = mapped_column(BigInteger)
    high: Mapped[int | None] = mapped_column(BigInteger)
    cashable: Mapped[bool] = mapped_column(default=True)
    budget_line: Mapped[str] = mapped_column(String(100), default="")
    # typed as an amount, or computed from the argument when that was saved
    origin: Mapped[Origin] = mapped_column(
        Word(Origin), default=Origin.DIRECT, server_default=Origin.DIRECT
    )
    # of a computed flow: the line of the argument, as `optimizer.cases.Computed` names it
    line_id: Mapped[str] = mapped_column(String(200), default="", server_default="")

    option: Mapped[OptionRecord] = relationship(back_populates="flows")
    payer: Mapped[PayerRecord] = relationship()


class MeasureRecord(Base):
    """A quantity that is not money, in total or in one year, as decimal text."""

    __tablename__ = "measure"
    __table_args__ = (
        UniqueConstraint("option_id", "name", "year"),
        year_check("year"),
        word_check("origin", Origin),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    option_id: Mapped[int] = mapped_column(ForeignKey("case_option.id"))
    name: Mapped[str] = mapped_column(String(100))
    year: Mapped[int | None]
    value: Mapped[str] = mapped_column(String(40))
    origin: Mapped[Origin] = mapped_column(
        Word(Origin), default=Origin.DIRECT, server_default=Origin.DIRECT
    )

    option: Mapped[OptionRecord] = relationship(back_populates="measures")
