"""What each limit costs: the price of the relaxation at once, one step more and less exactly."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from optimizer.allocation import index_of
from optimizer.explain.deciding import Progress
from optimizer.explain.limits import Limit, limits_of
from optimizer.explain.question import Question, Reply
from optimizer.explain.ranging import Ranging, Slope
from optimizer.explain.replanning import Replanner
from optimizer.program import Row
from optimizer.sentence import Sentence


@dataclass(frozen=True, slots=True)
class LimitPrice:
    """What a limit costs.

    Parameters
    ----------
    limit : Limit
    price : float or None
        Objective per unit of loosening, from the relaxation: an estimate. None where the
        relaxation gave no answer.
    valid_from, valid_to : float or None
        The values of the limit's number between which it holds; None is no end.
    more_buys, less_costs : Fraction or None
        What the best plan gains, and loses, with the limit one step looser and tighter (a million
        kroner, or one). None: no plan exists then (or none was found in time).
    is_exact : bool
        Whether both are proved.
    """

    limit: Limit
    price: float | None
    valid_from: float | None
    valid_to: float | None
    more_buys: Fraction | None
    less_costs: Fraction | None
    is_exact: bool

    @property
    def path(self) -> str:
        """Return the place of the limit in the plan."""
        return self.limit.path

    @property
    def label(self) -> Sentence:
        """Return what the limit says."""
        return self.limit.label

    @property
    def year(self) -> int | None:
        """Return the year of a limit by year."""
        return self.limit.year


class LimitPricing:
    """The prices of one plan's limits, decided one by one as they are asked for."""

    def __init__(self, replanner: Replanner, best: Reply) -> None:
        self.replanner = replanner
        self.best = best
        self.limits = limits_of(replanner.compilation)
        self._ranging: Ranging | None = None

    def prices(
        self,
        limits: Iterable[Limit] | None = None,
        *,
        seconds: float,
        progress: Progress | None = None,
    ) -> tuple[LimitPrice, ...]:
        """Return the prices of limits, all of them by default, as exact as the seconds allow."""
        asked = tuple(self.limits if limits is None else limits)
        deadline = time.perf_counter() + seconds
        result = []
        for done, limit in enumerate(asked):
            if progress is not None and progress(done, len(asked)):
                deadline = time.perf_counter()
            left = max(0.0, deadline - time.perf_counter())
            share = min(left, max(1.0, 4 * left / (len(asked) - done)))
            result.append(self.price(limit, seconds=share))
        return tuple(result)

    def price(self, limit: Limit, *, seconds: float = 60.0) -> LimitPrice:
        """Return the price of one limit."""
        slope = self.slope(limit)
        deadline = time.perf_counter() + seconds
        more = self.replanner.best(Question(moved=((limit, limit.step),)), seconds=seconds / 2)
        left = max(0.0, deadline - time.perf_counter())
        ceiling = self.best.objective if self.best.is_proved else None
        less = self.replanner.best(
            Question(moved=((limit, -limit.step),)), seconds=left, ceiling=ceiling
        )
        best = self.best.objective or Fraction(0)
        start, end = self._valid(limit, slope)
        return LimitPrice(
            limit,
            None if slope is None else slope.price,
            start,
            end,
            None if more.objective is None else max(Fraction(0), more.objective - best),
            None if less.objective is None else max(Fraction(0), best - less.objective),
            is_exact=more.is_proved and less.is_proved and self.best.is_proved,
        )

    def slope(self, limit: Limit) -> Slope | None:
        """Return the relaxation's price and how far it holds: at once, an estimate."""
        if self._ranging is None:
            self._ranging = Ranging(self.replanner.compilation, self.replanner.cuts)
        return self._ranging.slope(limit)

    def _valid(self, limit: Limit, slope: Slope | None) -> tuple[float | None, float | None]:
        if slope is None:
            return None, None
        value, is_ceiling = self._value(limit)
        if is_ceiling:
            low = None if slope.tighter is None else value + slope.tighter
            high = None if slope.looser is None else value + slope.looser
        else:
            low = None if slope.looser is None else value - slope.looser
            high = None if slope.tighter is None else value - slope.tighter
        return low, high

    def _value(self, limit: Limit) -> tuple[float, bool]:
        """Return the number of a limit, and whether it is a ceiling (of two: the nearer one)."""
        plan = self.replanner.plan
        if limit.tag == "pool":
            pool = plan.scenario.pools[index_of(limit.path)]
            paid_in = (pool.paid_in or {}).get(limit.year or 0, 0)
            return float(paid_in if pool.total is None else pool.total), True
        if limit.lazy:
            return float(self.replanner.compilation.lazy_rows[limit.lazy[0]].upper), True
        row = self.replanner.program.rows[limit.rows[0]]
        if row.lower is None or row.upper is None:
            return float((row.lower if row.upper is None else row.upper) or 0), row.lower is None
        activity = self._activity(row)
        is_ceiling = row.upper - activity <= activity - row.lower
        return float(row.upper if is_ceiling else row.lower), is_ceiling

    def _activity(self, row: Row) -> Fraction:
        choice = self.best.choice or {}
        return row.activity(self.replanner.compilation.values(choice))
