"""The price index that a strategy budgets with, and the discount steps that it uses."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from optimizer.cases import DiscountSchedule, PriceLevels, price_levels_document
from optimizer.writing import plain_number
from planner.model import PersonRecord, StrategyRecord
from planner.services.events import changed_keys, record_event
from planner.services.writing import next_version, require_version


def set_price_levels(
    session: Session,
    strategy: StrategyRecord,
    levels: PriceLevels,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> None:
    """Give a strategy another index of price levels; an empty one takes the table away.

    What has been computed stays as it is stored, until the case is saved or recalculated.

    Raises
    ------
    ValueError
        The strategy's own price year is not in the table: nothing could be brought to it.
    """
    require_version(strategy, seen_version)
    if levels.index and strategy.price_year not in levels.index:
        raise ValueError(f"the price year {strategy.price_year} is not in the index")
    document = price_levels_document(levels) if levels.index else None
    _change(session, strategy, "price_levels", document, action="strategy.prices", by=by, now=now)


def use_discount_schedule(
    session: Session,
    strategy: StrategyRecord,
    schedule: DiscountSchedule,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> None:
    """Let a strategy discount with the steps that the Ministry of Finance published in a year."""
    require_version(strategy, seen_version)
    steps = discount_of(schedule)
    _change(session, strategy, "discount", steps, action="strategy.discount", by=by, now=now)


def discount_of(schedule: DiscountSchedule) -> list[dict[str, Any]]:
    """Return the steps of a publication as a strategy stores them.

    Examples
    --------
    >>> from optimizer.cases import discount_schedule
    >>> discount_of(discount_schedule(2026))[1]
    {'after_year': 35, 'rate': 0.025}
    """
    return [
        {"after_year": step.after_year, "rate": plain_number(step.rate)} for step in schedule.steps
    ]


def _change(
    session: Session,
    strategy: StrategyRecord,
    field: str,
    value: Any,
    *,
    action: str,
    by: PersonRecord | None,
    now: datetime,
) -> None:
    before, after = changed_keys({field: getattr(strategy, field)}, {field: value})
    if not after:
        return
    setattr(strategy, field, value)
    next_version(strategy)
    record_event(
        session, by=by, now=now, action=action, object=strategy, before=before, after=after
    )
