"""What every table shares: names of constraints, types of columns, checks of money and years."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, DateTime, Dialect, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

MOST_KRONER = 100_000_000_000
FIRST_YEAR = 1900
LAST_YEAR = 2200

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, to the second; always with its time zone in Python."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store the moment as UTC without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=0)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment its zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


class Word(TypeDecorator[StrEnum]):
    """One word of a fixed list, stored as text."""

    impl = String(32)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        """Store the word; a word outside the list is an error."""
        return None if value is None else str(self.words(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Return the member of the list."""
        return None if value is None else self.words(value)


class Base(DeclarativeBase):
    """Base of every record."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012
        datetime: Moment(),
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
    }


class Versioned:
    """A record whose every change counts its version up; the database refuses a stale change."""

    version: Mapped[int] = mapped_column(default=1, sort_order=99)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy's own
        return {"version_id_col": cls.version, "version_id_generator": False}


def money_checks(*columns: str) -> tuple[CheckConstraint, ...]:
    """Return the checks that keep ``columns`` whole kroner of a believable size.

    SQLite would take 12.5 in an INTEGER column, so there the type is checked too.
    """
    checks = []
    for column in columns:
        size = f"{column} BETWEEN -{MOST_KRONER} AND {MOST_KRONER}"
        whole = f"{column} IS NULL OR (typeof({column}) = 'integer' AND {size})"
        checks.append(
            CheckConstraint(whole, name=f"{column}_whole_kroner").ddl_if(dialect="sqlite")
        )
        checks.append(CheckConstraint(size, name=f"{column}_kroner").ddl_if(dialect="postgresql"))
    return tuple(checks)


def year_check(column: str) -> CheckConstraint:
    """Return the check that keeps ``column`` a believable calendar year."""
    return CheckConstraint(f"{column} BETWEEN {FIRST_YEAR} AND {LAST_YEAR}", name=column)


def word_check(column: str, words: type[StrEnum]) -> CheckConstraint:
    """Return the check that keeps ``column`` within a fixed list."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
