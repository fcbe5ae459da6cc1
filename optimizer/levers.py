"""Levers: the one number of a plan that a frontier moves, a pool's size or a limit's bound."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from optimizer.constraints.base import Constraint
from optimizer.errors import BundlinjeError
from optimizer.pool import InvestmentPool
from optimizer.program import Exact
from optimizer.quantity import quantities
from optimizer.scenario import Plan
from optimizer.sentence import Sentence, number

if TYPE_CHECKING:  # the solver takes half a second to load
    from optimizer.explain.limits import Limit

#: limits whose number is a bound of their row, so that moving it moves nothing else
MOVABLE = frozenset(
    {
        *("invested", "chosen", "measure", "net_saving", "cumulative"),
        *("changes", "disappointments", "expected_shortfall", "chance_of_loss"),
    }
)
#: names that the number of a limit goes by
SIDES = ("at_most", "at_least", "latest_year")
#: kinds of number that are whole
WHOLE = frozenset({"kroner", "count", "year"})


class FrontierError(BundlinjeError):
    """What was asked for cannot be moved. ``message`` says it in both languages.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> try:
    ...     PoolSize("none").place(small_plan())
    ... except FrontierError as wrong:
    ...     print(wrong)
    There is no pool “none”.
    """

    def __init__(self, da: str, en: str) -> None:
        super().__init__(en)
        self.message = Sentence(da, en)


@dataclass(frozen=True, slots=True)
class PoolSize:
    """The lever that makes a pool larger or smaller; one paid in by year moves in proportion.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> PoolSize("p").plan(small_plan(), 4_000_000).scenario.pools[0].total
    4000000
    """

    pool: str

    def place(self, plan: Plan) -> str:
        """Return the path of the pool."""
        return f"scenario.pools[{self._index(plan)}]"

    def plan(self, plan: Plan, amount: Exact) -> Plan:
        """Return the plan with so many kroner in the pool."""
        place, pools = self._index(plan), list(plan.scenario.pools)
        pools[place] = self._resized(pools[place], amount)
        return replace(plan, scenario=replace(plan.scenario, pools=tuple(pools)))

    def is_bound(self, plan: Plan) -> bool:
        """Return whether moving it moves bounds of rows only, which it always does."""
        return self._index(plan) >= 0

    def has_steps(self, plan: Plan) -> bool:
        """Return whether every plan has one price, from which on the pool pays for it."""
        pool = plan.scenario.pools[self._index(plan)]
        return pool.total is not None and all(
            option.minimum_scale is None
            for _, option in plan.options.values()
            if option.pool == self.pool
        )

    def moved(
        self, plan: Plan, limits: "Sequence[Limit]", amount: Exact
    ) -> "list[tuple[Limit, Exact]]":
        """Return by how much each of the pool's rows moves."""
        pool = plan.scenario.pools[self._index(plan)]
        if pool.total is not None:
            return [(limits[0], amount - pool.total)]
        own, new = pool.paid_in or {}, self._resized(pool, amount).paid_in or {}
        return [(one, new.get(one.year or 0, 0) - own.get(one.year or 0, 0)) for one in limits]

    def _index(self, plan: Plan) -> int:
        for place, pool in enumerate(plan.scenario.pools):
            if pool.id == self.pool:
                return place
        raise FrontierError(
            f"Der er ingen pulje »{self.pool}«.", f"There is no pool “{self.pool}”."
        )

    @staticmethod
    def _resized(pool: InvestmentPool, amount: Exact) -> InvestmentPool:
        if amount != int(amount) or amount < 0:
            found = number(amount, 2)
            raise FrontierError(
                f"En pulje har hele kroner, nul eller flere, ikke {found.da}.",
                f"A pool holds whole kroner, zero or more, not {found.en}.",
            )
        try:
            return pool.resized(int(amount))
        except ValueError:
            raise FrontierError(
                f"Der er ikke indbetalt noget til {pool.id}, så den kan ikke vokse i forhold.",
                f"Nothing is paid into {pool.id}, so it cannot grow in proportion.",
            ) from None


@dataclass(frozen=True, slots=True)
class LimitBound:
    """The lever that moves the number of a limit.

    Parameters
    ----------
    number : int
        Place of the limit among the scenario's constraints.
    side : "at_most", "at_least", "latest_year" or None
        Which of its numbers, where it has two; None: the only one.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> LimitBound(0).plan(small_plan(at_least=2), 1).scenario.constraints[0].at_least
    1
    """

    number: int
    side: str | None = None

    def place(self, plan: Plan) -> str:
        """Return the path of the limit."""
        self._side(self._limit(plan))
        return f"scenario.constraints[{self.number}]"

    def plan(self, plan: Plan, amount: Exact) -> Plan:
        """Return the plan with another number in the limit."""
        limit = self._limit(plan)
        side = self._side(limit)
        value = int(amount) if amount == int(amount) else amount
        if quantities(type(limit))[side].kind in WHOLE and value != int(value):
            found = number(amount, 2)
            raise FrontierError(
                f"Rammen har et helt tal, ikke {found.da}.",
                f"The limit has a whole number, not {found.en}.",
            )
        changed: dict[str, Any] = {side: value}
        limits = list(plan.scenario.constraints)
        limits[self.number] = replace(limit, **changed)
        return replace(plan, scenario=replace(plan.scenario, constraints=tuple(limits)))

    def is_bound(self, plan: Plan) -> bool:
        """Return whether moving it moves the bound of a row, and nothing else.

        Shares, mean stars and payback years stand in the coefficients of their rows; a limit with
        two numbers moves both when its row does.
        """
        limit = self._limit(plan)
        return limit.tag in MOVABLE and len(_given(limit)) == 1

    def moved(
        self, plan: Plan, limits: "Sequence[Limit]", amount: Exact
    ) -> "list[tuple[Limit, Exact]]":
        """Return by how much the limit's rows are loosened."""
        limit = self._limit(plan)
        side = self._side(limit)
        more = amount - getattr(limit, side)
        return [(limits[0], more if side == "at_most" else -more)]

    def _limit(self, plan: Plan) -> Constraint:
        limits = plan.scenario.constraints
        if not 0 <= self.number < len(limits):
            raise FrontierError(
                f"Der er ingen ramme {self.number}.", f"There is no limit {self.number}."
            )
        return limits[self.number]

    def _side(self, limit: Constraint) -> str:
        given = _given(limit)
        if self.side in given:
            return self.side or ""
        if self.side is not None or not given:
            raise FrontierError(
                f"En ramme af slagsen {limit.tag} har intet {self.side or 'tal'} at flytte.",
                f"A limit of the kind {limit.tag} has no {self.side or 'number'} to move.",
            )
        if len(given) > 1:
            raise FrontierError(
                "Rammen har to tal; sig, hvilket der flyttes.",
                "The limit has two numbers; say which one is moved.",
            )
        return given[0]


Lever = PoolSize | LimitBound


def even_steps(low: int, high: int, count: int) -> list[int]:
    """Return ``count`` whole amounts from low to high, evenly spread.

    Examples
    --------
    >>> even_steps(0, 10, 4)
    [0, 3, 6, 10]
    """
    if count == 1:
        return [low]
    return [low + (high - low) * step // (count - 1) for step in range(count)]


def _given(limit: Constraint) -> tuple[str, ...]:
    return tuple(side for side in SIDES if getattr(limit, side, None) is not None)
