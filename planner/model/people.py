"""People, what they may be, and which departments they belong to."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from flask_security.core import RoleMixin, UserMixin
from flask_security.utils import verify_password
from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from planner.model.base import Base, Versioned, Word, word_check
from planner.model.states import Role

if TYPE_CHECKING:
    from planner.model.strategies import DepartmentRecord

person_role = Table(
    "person_role",
    Base.metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True),
)

person_department = Table(
    "person_department",
    Base.metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("department_id", ForeignKey("department.id"), primary_key=True),
)


class RoleRecord(Base, RoleMixin):
    """One role."""

    __tablename__ = "role"
    __table_args__ = (word_check("name", Role),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Role] = mapped_column(Word(Role), unique=True)


class PersonRecord(Versioned, Base, UserMixin):
    """A person with an account."""

    __tablename__ = "person"
    KIND: ClassVar[str] = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str | None] = mapped_column(String(2))
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    roles: Mapped[list[RoleRecord]] = relationship(  # type: ignore[assignment]
        secondary=person_role, lazy="selectin", order_by=RoleRecord.id
    )
    departments: Mapped[list["DepartmentRecord"]] = relationship(
        secondary=person_department, lazy="selectin"
    )

    @property
    def role_names(self) -> frozenset[Role]:
        """The roles as words."""
        return frozenset(role.name for role in self.roles)

    @property
    def department_ids(self) -> frozenset[int]:
        """The departments that the person belongs to, in every strategy."""
        return frozenset(department.id for department in self.departments)

    def verify_and_update_password(self, password: str) -> bool:
        """Say whether ``password`` is right, without storing a new hash: signing in only reads."""
        return self.password is not None and verify_password(password, self.password)
