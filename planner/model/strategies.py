"""An investment strategy: the municipality, its budget period, purses, departments and pools."""

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.model.base import Base, Versioned, Word, word_check, year_check
from planner.model.states import PayerLevel, PoolKind


class StrategyRecord(Versioned, Base):
    """What all cases and scenarios of one strategy share."""

    __tablename__ = "strategy"
    __table_args__ = (
        year_check("price_year"),
        year_check("budget_year"),
        year_check("horizon_first"),
        year_check("horizon_last"),
        CheckConstraint("budget_years BETWEEN 1 AND 50", name="budget_years"),
        CheckConstraint("horizon_first <= horizon_last", name="horizon"),
        # at most one default
        Index(
            "uq_strategy_default",
            "is_default",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )
    KIND: ClassVar[str] = "strategy"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    municipality: Mapped[str] = mapped_column(String(200))
    price_year: Mapped[int]
    budget_year: Mapped[int]
    budget_years: Mapped[int] = mapped_column(default=4)
    horizon_first: Mapped[int | None]
    horizon_last: Mapped[int | None]
    # [{"after_year": 0, "rate": 0.035}, ...] as in a plan file
    discount: Mapped[list[Any]] = mapped_column(default=list)
    # the price index that the municipality budgets with, as `optimizer.cases.tables` reads it
    price_levels: Mapped[dict[str, Any] | None]
    is_default: Mapped[bool] = mapped_column(default=False)
    is_illustrative: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Text, default="")

    payers: Mapped[list["PayerRecord"]] = relationship(
        back_populates="strategy", order_by="PayerRecord.position", cascade="save-update, merge"
    )
    departments: Mapped[list["DepartmentRecord"]] = relationship(
        back_populates="strategy",
        order_by="DepartmentRecord.position",
        cascade="save-update, merge",
    )
    pools: Mapped[list["PoolRecord"]] = relationship(
        back_populates="strategy", order_by="PoolRecord.id", cascade="save-update, merge"
    )

    @property
    def budget_period(self) -> range:
        """The years of the budget period."""
        return range(self.budget_year, self.budget_year + self.budget_years)


class PayerRecord(Base):
    """A purse that pays or saves."""

    __tablename__ = "payer"
    __table_args__ = (UniqueConstraint("strategy_id", "key"), word_check("level", PayerLevel))
    KIND: ClassVar[str] = "payer"

    id: Mapped[int] = mapped_column(primary_key=True)
    strategy_id: Mapped[int] = mapped_column(ForeignKey("strategy.id"))
    key: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    level: Mapped[PayerLevel] = mapped_column(Word(PayerLevel))
    position: Mapped[int] = mapped_column(default=0)

    strategy: Mapped[StrategyRecord] = relationship(back_populates="payers")


class DepartmentRecord(Base):
    """A department, which proposes and runs."""

    __tablename__ = "department"
    __table_args__ = (UniqueConstraint("strategy_id", "key"),)
    KIND: ClassVar[str] = "department"

    id: Mapped[int] = mapped_column(primary_key=True)
    strategy_id: Mapped[int] = mapped_column(ForeignKey("strategy.id"))
    key: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(default=0)

    strategy: Mapped[StrategyRecord] = relationship(back_populates="departments")


class PoolRecord(Base):
    """A pool that options may be paid from; each scenario says how much is in it."""

    __tablename__ = "pool"
    __table_args__ = (UniqueConstraint("strategy_id", "key"), word_check("kind", PoolKind))
    KIND: ClassVar[str] = "pool"

    id: Mapped[int] = mapped_column(primary_key=True)
    strategy_id: Mapped[int] = mapped_column(ForeignKey("strategy.id"))
    key: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[PoolKind] = mapped_column(Word(PoolKind), default=PoolKind.INVESTMENT)

    strategy: Mapped[StrategyRecord] = relationship(back_populates="pools")
