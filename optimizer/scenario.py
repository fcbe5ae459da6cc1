"""A scenario: pools, objective and limits; and the plan: a scenario with its candidates."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from optimizer.intervention import CashFlow, Intervention, Option, option_key
from optimizer.outcome import Outcomes
from optimizer.payers import Department, Payer
from optimizer.pool import InvestmentPool
from optimizer.relations import Relation

if TYPE_CHECKING:  # both families add up money, which needs the plan
    from optimizer.constraints.base import Constraint
    from optimizer.objectives.base import ObjectiveTerm


@dataclass(frozen=True, slots=True)
class NextObjective:
    """What is maximised among the plans that are nearly best by the objective before.

    ``within`` is a share of the size of that objective's best value: 0 asks that nothing of it is
    given up.

    Examples
    --------
    >>> NextObjective(terms=(), within=Fraction(1, 100)).within
    Fraction(1, 100)
    """

    terms: "tuple[ObjectiveTerm, ...]"
    within: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Pools, objective (the sum of its terms, maximised), limits, and objectives after the first.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> scenario = small_plan(at_least=2).scenario
    >>> [limit.tag for limit in scenario.constraints], [pool.id for pool in scenario.pools]
    (['chosen'], ['p'])
    """

    title: str
    pools: tuple[InvestmentPool, ...]
    objective: "tuple[ObjectiveTerm, ...]"
    constraints: "tuple[Constraint, ...]" = ()
    then: tuple[NextObjective, ...] = ()

    @property
    def is_money(self) -> bool:
        """Return whether the objective is in kroner."""
        return all(term.is_money for term in self.objective)


@dataclass(frozen=True, slots=True)
class DiscountStep:
    """From the year after ``after_year`` (counted from the budget year) this rate applies.

    Examples
    --------
    >>> float(DiscountStep(after_year=0, rate=Fraction(35, 1000)).rate)
    0.035
    """

    after_year: int
    rate: Fraction


@dataclass(frozen=True)
class Plan:
    """Everything that one allocation depends on.

    Parameters
    ----------
    price_year : int
        All amounts are kroner of this year.
    budget_year, budget_years : int
        First year of the budget period (year 0 of discounting) and its length in years.
    horizon : (int, int)
        First and last year that count.
    discount : tuple of DiscountStep
        Empty: undiscounted.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> plan = small_plan()
    >>> list(plan.options), plan.budget_period
    (['a/base', 'b/base', 'c/base'], (2027, 2030))
    """

    title: str
    price_year: int
    budget_year: int
    budget_years: int
    horizon: tuple[int, int]
    discount: tuple[DiscountStep, ...]
    payers: tuple[Payer, ...]
    departments: tuple[Department, ...]
    interventions: tuple[Intervention, ...]
    scenario: Scenario
    relations: tuple[Relation, ...] = ()
    outcomes: Outcomes | None = None

    def with_options(self, changed: Callable[[str, Option], Option]) -> "Plan":
        """Return the plan with every option replaced by another, given its key and itself."""
        interventions = tuple(
            replace(i, options=tuple(changed(option_key(i, o), o) for o in i.options))
            for i in self.interventions
        )
        return replace(self, interventions=interventions)

    def with_flows(self, flows_of: Callable[[str, Option], Iterable[CashFlow]]) -> "Plan":
        """Return the plan with the flows of every option replaced, given its key and itself."""
        return self.with_options(
            lambda key, option: replace(option, flows=tuple(flows_of(key, option)))
        )

    @property
    def years(self) -> range:
        """Return the years of the horizon."""
        return range(self.horizon[0], self.horizon[1] + 1)

    @property
    def budget_period(self) -> tuple[int, int]:
        """Return the first and the last year of the budget period."""
        return (self.budget_year, self.budget_year + self.budget_years - 1)

    @cached_property
    def options(self) -> Mapping[str, tuple[Intervention, Option]]:
        """Return intervention and option by ``intervention/option``, in the order of the plan.

        An option under an outcome contract has what it pays among its flows.
        """
        written = {option_key(i, o): (i, o) for i in self.interventions for o in i.options}
        if all(option.contract is None for _, option in written.values()):
            return written
        from optimizer.financing import with_payments  # noqa: PLC0415 - only for contracts

        paid = with_payments(self, {key: option for key, (_, option) in written.items()})
        return {key: (i, paid[key]) for key, (i, _) in written.items()}

    @cached_property
    def intervention_by_id(self) -> Mapping[str, Intervention]:
        """Return the interventions by id."""
        return {i.id: i for i in self.interventions}

    @cached_property
    def payer_by_id(self) -> Mapping[str, Payer]:
        """Return the payers by id."""
        return {p.id: p for p in self.payers}
