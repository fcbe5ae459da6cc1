"""Who loses the money that a case saves: the owner of each saving line, and their acceptance."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.model.base import Base, Word, word_check
from planner.model.interventions import CaseRecord
from planner.model.people import PersonRecord
from planner.model.states import Cashability, Category


class SavingLineRecord(Base):
    """What a department declares about one saving line of a version.

    A line is found by what it says, for flows are stored anew at every save of a draft; one that
    is written otherwise later is another line, and must be declared anew.
    """

    __tablename__ = "saving_line"
    __table_args__ = (
        # named by hand: the names of all columns are too long for PostgreSQL
        UniqueConstraint(
            *("case_id", "option_key", "payer", "category", "line", "budget_line"),
            name="uq_saving_line",
        ),
        word_check("kind", Cashability),
        word_check("category", Category),
    )
    KIND: ClassVar[str] = "saving_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("business_case.id"))
    option_key: Mapped[str] = mapped_column(String(100))
    payer: Mapped[str] = mapped_column(String(100))
    category: Mapped[Category] = mapped_column(Word(Category))
    line: Mapped[str] = mapped_column(String(200))
    budget_line: Mapped[str] = mapped_column(String(100))
    kind: Mapped[Cashability] = mapped_column(Word(Cashability))
    # a person of the application, else a name and an e-mail
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(255), default="")

    case: Mapped[CaseRecord] = relationship()
    person: Mapped[PersonRecord | None] = relationship()
    acceptances: Mapped[list["AcceptanceRecord"]] = relationship(
        back_populates="saving_line", order_by="AcceptanceRecord.id"
    )

    @property
    def owner(self) -> str:
        """The name of the owner, or nothing."""
        return self.name if self.person is None else self.person.name


class AcceptanceRecord(Base):
    """An owner's word that the budget may be cut by these amounts; never changed."""

    __tablename__ = "acceptance"
    KIND: ClassVar[str] = "acceptance"

    id: Mapped[int] = mapped_column(primary_key=True)
    saving_line_id: Mapped[int] = mapped_column(ForeignKey("saving_line.id"), index=True)
    # kroner by year, as they stood: {"2028": 1500000}
    amounts: Mapped[dict[str, Any]]
    name: Mapped[str] = mapped_column(String(200))
    on_date: Mapped[date]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    saving_line: Mapped[SavingLineRecord] = relationship(back_populates="acceptances")
    created_by: Mapped[PersonRecord | None] = relationship()
