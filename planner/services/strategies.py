"""Strategies: budget period, discounting, purses, departments and pools."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from planner.model import (
    DepartmentRecord,
    PayerRecord,
    PersonRecord,
    PoolRecord,
    StrategyRecord,
)
from planner.model.states import PayerLevel, PoolKind
from planner.services.events import changed_keys, record_event
from planner.services.writing import NotFoundError, clean, next_version, require_version


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyData:
    """The settings of a strategy.

    Parameters
    ----------
    discount : list of dict
        Steps ``{"after_year": 0, "rate": 0.035}`` as in a plan file.
    horizon_first, horizon_last : calendar year or None
        The years that count; None: the span of all flows and the budget period.
    """

    title: str
    municipality: str
    price_year: int
    budget_year: int
    budget_years: int = 4
    horizon_first: int | None = None
    horizon_last: int | None = None
    discount: list[dict[str, Any]]
    is_illustrative: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class PayerData:
    """A purse."""

    key: str
    name: str
    level: PayerLevel


@dataclass(frozen=True, slots=True)
class DepartmentData:
    """A department."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class PoolData:
    """A pool."""

    key: str
    name: str
    kind: PoolKind = PoolKind.INVESTMENT


_PARTS = (
    selectinload(StrategyRecord.payers),
    selectinload(StrategyRecord.departments),
    selectinload(StrategyRecord.pools),
)


def list_strategies(session: Session) -> list[StrategyRecord]:
    """Return all strategies, the default first."""
    return list(
        session.scalars(
            select(StrategyRecord)
            .options(*_PARTS)
            .order_by(StrategyRecord.is_default.desc(), StrategyRecord.id)
        )
    )


def get_strategy(session: Session, strategy_id: int | None = None) -> StrategyRecord:
    """Return one strategy; None asks for the default one.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    query = select(StrategyRecord).options(*_PARTS)
    if strategy_id is None:
        query = query.order_by(StrategyRecord.is_default.desc(), StrategyRecord.id).limit(1)
    else:
        query = query.where(StrategyRecord.id == strategy_id)
    found = session.scalar(query)
    if found is None:
        raise NotFoundError
    return found


def create_strategy(
    session: Session,
    data: StrategyData,
    *,
    payers: Iterable[PayerData],
    departments: Iterable[DepartmentData],
    pools: Iterable[PoolData],
    by: PersonRecord | None,
    now: datetime,
) -> StrategyRecord:
    """Make a strategy; the first one becomes the default."""
    is_first = session.scalar(select(StrategyRecord.id).limit(1)) is None
    strategy = StrategyRecord(**asdict(data), is_default=is_first)
    strategy.payers = [
        PayerRecord(key=p.key, name=p.name, level=p.level, position=place)
        for place, p in enumerate(payers)
    ]
    strategy.departments = [
        DepartmentRecord(key=d.key, name=d.name, position=place)
        for place, d in enumerate(departments)
    ]
    strategy.pools = [PoolRecord(key=p.key, name=p.name, kind=p.kind) for p in pools]
    session.add(strategy)
    record_event(
        session,
        by=by,
        now=now,
        action="strategy.create",
        object=strategy,
        after={
            **asdict(data),
            "payers": [p.key for p in strategy.payers],
            "departments": [d.key for d in strategy.departments],
            "pools": [p.key for p in strategy.pools],
        },
    )
    return strategy


def settings_of(strategy: StrategyRecord) -> StrategyData:
    """Return the settings as plain values."""
    return StrategyData(
        title=strategy.title,
        municipality=strategy.municipality,
        price_year=strategy.price_year,
        budget_year=strategy.budget_year,
        budget_years=strategy.budget_years,
        horizon_first=strategy.horizon_first,
        horizon_last=strategy.horizon_last,
        discount=list(strategy.discount),
        is_illustrative=strategy.is_illustrative,
        note=strategy.note,
    )


def update_strategy(
    session: Session,
    strategy: StrategyRecord,
    data: StrategyData,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> StrategyRecord:
    """Change the settings of a strategy."""
    require_version(strategy, seen_version)
    before, after = changed_keys(asdict(settings_of(strategy)), asdict(data))
    for name, value in asdict(data).items():
        setattr(strategy, name, value)
    next_version(strategy)
    record_event(
        session,
        by=by,
        now=now,
        action="strategy.update",
        object=strategy,
        before=before,
        after=after,
    )
    return strategy


def _change_list(
    session: Session,
    strategy: StrategyRecord,
    *,
    action: str,
    before: dict[str, Any] | None,
    after: dict[str, Any],
    by: PersonRecord | None,
    now: datetime,
) -> None:
    next_version(strategy)
    record_event(
        session, by=by, now=now, action=action, object=strategy, before=before, after=after
    )


def _require_free(keys: Iterable[str], key: str) -> None:
    if key in keys:
        raise DuplicateKeyError(key)


class DuplicateKeyError(Exception):
    """The short name is already taken in this strategy."""


def add_payer(
    session: Session,
    strategy: StrategyRecord,
    data: PayerData,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> PayerRecord:
    """Add a purse to a strategy."""
    require_version(strategy, seen_version)
    _require_free((p.key for p in strategy.payers), data.key)
    payer = PayerRecord(
        key=clean(data.key),
        name=clean(data.name),
        level=data.level,
        position=len(strategy.payers),
    )
    strategy.payers.append(payer)
    _change_list(
        session,
        strategy,
        action="strategy.add_payer",
        before=None,
        after={"key": payer.key, "name": payer.name, "level": str(payer.level)},
        by=by,
        now=now,
    )
    return payer


def change_payer(
    session: Session,
    payer: PayerRecord,
    *,
    name: str,
    level: PayerLevel,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> None:
    """Rename a purse or say whose it is."""
    require_version(payer.strategy, seen_version)
    before = {"key": payer.key, "name": payer.name, "level": str(payer.level)}
    payer.name, payer.level = clean(name), level
    _change_list(
        session,
        payer.strategy,
        action="strategy.change_payer",
        before=before,
        after={"key": payer.key, "name": payer.name, "level": str(level)},
        by=by,
        now=now,
    )


def add_department(
    session: Session,
    strategy: StrategyRecord,
    data: DepartmentData,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> DepartmentRecord:
    """Add a department to a strategy."""
    require_version(strategy, seen_version)
    _require_free((d.key for d in strategy.departments), data.key)
    department = DepartmentRecord(
        key=clean(data.key), name=clean(data.name), position=len(strategy.departments)
    )
    strategy.departments.append(department)
    _change_list(
        session,
        strategy,
        action="strategy.add_department",
        before=None,
        after={"key": department.key, "name": department.name},
        by=by,
        now=now,
    )
    return department


def rename_department(
    session: Session,
    department: DepartmentRecord,
    *,
    name: str,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> None:
    """Give a department another name."""
    require_version(department.strategy, seen_version)
    before = {"key": department.key, "name": department.name}
    department.name = clean(name)
    _change_list(
        session,
        department.strategy,
        action="strategy.rename_department",
        before=before,
        after={"key": department.key, "name": department.name},
        by=by,
        now=now,
    )


def add_pool(
    session: Session,
    strategy: StrategyRecord,
    data: PoolData,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> PoolRecord:
    """Add a pool that options may be paid from."""
    require_version(strategy, seen_version)
    _require_free((p.key for p in strategy.pools), data.key)
    pool = PoolRecord(key=clean(data.key), name=clean(data.name), kind=data.kind)
    strategy.pools.append(pool)
    _change_list(
        session,
        strategy,
        action="strategy.add_pool",
        before=None,
        after={"key": pool.key, "name": pool.name, "kind": str(pool.kind)},
        by=by,
        now=now,
    )
    return pool


def strategy_document(strategy: StrategyRecord) -> dict[str, Any]:
    """Return the part of a plan document that the strategy decides."""
    document: dict[str, Any] = {
        "format": "bundlinje-plan/1",
        "title": strategy.title,
        "price_year": strategy.price_year,
        "budget_year": strategy.budget_year,
        "budget_years": strategy.budget_years,
        "discount": [dict(step) for step in strategy.discount],
        "payers": [{"id": p.key, "name": p.name, "level": str(p.level)} for p in strategy.payers],
        "departments": [{"id": d.key, "name": d.name} for d in strategy.departments],
    }
    if strategy.horizon_first is not None and strategy.horizon_last is not None:
        document["horizon"] = [strategy.horizon_first, strategy.horizon_last]
    return document


def cases_document(
    strategy: StrategyRecord, interventions: Iterable[dict[str, Any]], *, pools: Iterable[str]
) -> dict[str, Any]:
    """Return a plan document of cases alone, to have them read and checked as a plan does.

    ``pools`` are the keys that options may name; they are empty, and nothing limits a choice.
    """
    goal = {"of": "net_saving", "payers": "all", "period": "horizon", "discounted": False}
    return strategy_document(strategy) | {
        "interventions": list(interventions),
        "scenario": {
            "title": strategy.title,
            "pools": [{"id": p, "name": p, "kind": "investment", "total": 0} for p in pools],
            "objective": {"terms": [goal]},
            "constraints": [],
        },
    }
