"""The least amount by which one limit must be loosened, all other rules kept.

The plan is compiled without its objective and its soft limits; the one limit gets a variable for
what it is broken by, and that is all that is minimised. What a choice breaks it by is exact.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from optimizer.allocation import index_of
from optimizer.answer import Answer, Effort
from optimizer.appraisal import Choice
from optimizer.compilation import Compilation
from optimizer.constraints.base import Constraint
from optimizer.constraints.money import InvestedShare
from optimizer.constraints.selection import Evidence
from optimizer.explain.limits import MILLION, number_rows, with_limit
from optimizer.program import Exact, Row, Variable, exact_sum
from optimizer.scenario import Plan
from optimizer.search import Search

#: in the limit's unit, or kroner by year
Amount = Fraction | int | Mapping[int, int]

DECIMALS = 9
MOST_STEPS = 40
#: kroner: with continuous scales an amount this near to a whole one is that one
HAIR = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class Least:
    """The least amount, and a choice that it lets through."""

    by: Amount
    choice: Mapping[str, Fraction]
    is_proved: bool


def least_amount(plan: Plan, path: str, *, seconds: float = 60.0) -> Least | None:
    """Return the least amount by which a limit must be loosened; None where none was found."""
    bare, number = _bare(plan, path)
    effort = Effort(gap=0.0, time_limit=seconds)
    if path.startswith("scenario.pools"):
        return _Elastic(bare, f"scenario.pools[{number}]", effort).least()
    limit = bare.scenario.constraints[number]
    if isinstance(limit, InvestedShare):
        sides = [_share_side(limit, is_floor) for is_floor in (True, False)]
        found = [_Ratio(bare, number, side, effort).least() for side in sides if side]
        return min((f for f in found if f), key=_single, default=None)
    if isinstance(limit, Evidence):
        return _Ratio(bare, number, _evidence_side(limit), effort).least()
    return _Elastic(bare, f"scenario.constraints[{number}]", effort).least()


def _single(least: Least) -> Fraction:
    return Fraction(0) if isinstance(least.by, Mapping) else Fraction(least.by)


def _bare(plan: Plan, path: str) -> tuple[Plan, int]:
    """Return the plan without objective and soft limits, and the place of the rule in it."""
    number, limits = index_of(path), plan.scenario.constraints
    if path.startswith("scenario.constraints"):
        number = sum(1 for limit in limits[:number] if limit.soft_price is None)
    hard = tuple(limit for limit in limits if limit.soft_price is None)
    return replace(plan, scenario=replace(plan.scenario, objective=(), constraints=hard)), number


# ---- a number that stands alone on its side ----


class _Elastic:
    """A compiled plan whose one limit gives way."""

    def __init__(self, plan: Plan, path: str, effort: Effort) -> None:
        self.path, self.effort = path, effort
        is_lazy = path.startswith("scenario.c") and _is_lazy(plan, index_of(path))
        self.compilation = Compilation(_softened(plan, index_of(path)) if is_lazy else plan)
        self.plan = self.compilation.plan
        self._numbers = [] if is_lazy else number_rows(self.compilation, path)
        self._rows = [self.compilation.program.rows[n] for n in self._numbers]
        tags = {row.tag for row in self._rows}
        self.is_by_year = bool(tags & {"spending"}) or self._pays_in
        self.is_whole = not tags & {"measure", "chance_of_loss"}
        self._auxiliaries = tuple(self.compilation.auxiliaries)
        if not is_lazy:
            self._give_way()

    @property
    def _pays_in(self) -> bool:
        pools = self.plan.scenario.pools
        return self.path.startswith("scenario.p") and pools[index_of(self.path)].total is None

    @property
    def _carries(self) -> bool:
        return self._pays_in and self.plan.scenario.pools[index_of(self.path)].carry_over

    def least(self) -> Least | None:
        """Return the least amount."""
        found = Search(self.compilation).best(self.effort)
        if found.choice is None:
            return None
        is_proved = found.answer is Answer.OPTIMAL
        return Least(self.amount(found.choice), found.choice, is_proved)

    def amount(self, choice: Choice) -> Amount:
        """Return what a choice breaks the limit by, rounded up to what can be written."""
        scaled = any(scale != 1 for scale in choice.values())
        if self.is_by_year:
            missing = {
                row.year or 0: _whole(by, scaled=scaled)
                for row, by in zip(self._rows, self._missing(choice), strict=True)
            }
            return {year: by for year, by in missing.items() if by}
        if not self._numbers:
            values = self.compilation.values(choice)
            broken = (r.row().broken_by(r.activity(values)) for r in self._own_lazy())
            return _whole(max(broken), scaled=scaled)
        worst = max(self._broken(choice))
        if self.is_whole:
            return _whole(worst, scaled=scaled)
        number = self.plan.scenario.constraints[index_of(self.path)]
        return decimal_up(worst, number)

    def _own_lazy(self) -> Iterator[Any]:
        return (rule for rule in self.compilation.lazy_rows if rule.path == self.path)

    # ---- what a choice breaks ----

    def _broken(self, choice: Choice) -> list[Fraction]:
        """Return by how much a choice breaks each row of the limit."""
        values = self._values(choice)
        return [row.broken_by(row.activity(values)) for row in self._rows]

    def _values(self, choice: Choice) -> list[Exact]:
        """Return the values of all variables but those of what is broken."""
        compilation = self.compilation
        values: list[Exact] = [0] * len(compilation.program.variables)
        for key, scale in choice.items():
            values[compilation.chosen_variable[key]] = 1
            values[compilation.scale_variable[key]] = scale
        for auxiliary in self._auxiliaries:
            values[auxiliary.variable] = auxiliary.value(choice)
        return values

    def _missing(self, choice: Choice) -> list[Fraction]:
        """Return what must be added year by year; what is carried over helps later years."""
        broken = self._broken(choice)
        if not self._carries:
            return broken
        added, result = Fraction(0), []
        for by in broken:
            more = max(Fraction(0), by - added)
            added += more
            result.append(more)
        return result

    # ---- making it give way ----

    def _give_way(self) -> None:
        compilation, unit = self.compilation, self._unit()
        program = compilation.program
        program.objective = {}
        count = len(self._rows) if self.is_by_year else 1
        helpers = []
        for place in range(count):
            value = self._value(place, unit)
            helpers.append(compilation.auxiliary(Variable("loosened", 0, None), value))
        program.objective = dict.fromkeys(helpers, -1)
        for place, (number, row) in enumerate(zip(self._numbers, self._rows, strict=True)):
            mine = helpers[: place + 1] if self._carries else [helpers[place % count]]
            program.rows[number : number + 1] = [_giving(row, mine, unit)]
        program.rows.extend(
            _giving_below(row, helpers[place % count], unit)
            for place, row in enumerate(self._rows)
            if row.lower is not None and row.upper is not None
        )

    def _value(self, place: int, unit: int) -> Callable[[Choice], Exact]:
        if self.is_by_year:
            return lambda choice: self._missing(choice)[place] / unit
        return lambda choice: max(self._broken(choice), default=Fraction(0)) / unit

    def _unit(self) -> int:
        """Return a unit in which the amount is no giant beside the other terms."""
        return MILLION if self.is_whole and self._rows[0].tag not in {"chosen", "changes"} else 1


def _giving(row: Row, helpers: list[int], unit: int) -> Row:
    """Return a row that helpers loosen on its upper side, or on its lower if it has no upper."""
    sign = -1 if row.upper is not None else 1
    terms = {**row.terms, **dict.fromkeys(helpers, sign * unit)}
    lower = None if row.upper is not None else row.lower
    return replace(row, terms=terms, lower=lower, tag="elastic")


def _giving_below(row: Row, helper: int, unit: int) -> Row:
    return replace(row, terms={**row.terms, helper: unit}, upper=None, tag="elastic")


def _is_lazy(plan: Plan, number: int) -> bool:
    only = with_limit(plan, number, plan.scenario.constraints[number])
    path = f"scenario.constraints[{number}]"
    return any(rule.path == path for rule in Compilation(only).lazy_rows)


def _softened(plan: Plan, number: int) -> Plan:
    limit = replace(plan.scenario.constraints[number], soft_price=Fraction(1))
    return with_limit(plan, number, limit)


def _whole(value: Fraction, *, scaled: bool) -> int:
    """Return a number rounded up; with scales, a hair above a whole number is that number."""
    near = round(value)
    if scaled and abs(value - near) <= HAIR:
        return near
    return -(-value.numerator // value.denominator)


def decimal_up(value: Fraction, limit: Constraint) -> Fraction:
    """Return a number rounded up to a decimal that helps also when it is added in floats."""
    shifted = value * 10**DECIMALS
    steps = -(-shifted.numerator // shifted.denominator)
    result = Fraction(steps, 10**DECIMALS)
    for name, sign in (("at_most", 1), ("at_least", -1)):
        number = getattr(limit, name, None)
        if number is not None:
            added = Fraction(repr(float(number) + sign * float(result)))
            if (added - number) * sign < value:
                return Fraction(steps + 1, 10**DECIMALS)
    return result


# ---- a share of what is invested, or a mean over it ----


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a ratio: the limit without it, its number, and the row for another number.

    ``terms(compilation, number)`` are >= 0 where the ratio is on the right side of the number.
    """

    rest: Constraint | None
    number: Fraction
    start: Fraction
    terms: Callable[[Compilation, Fraction], Mapping[int, Exact]]
    limit: Constraint


def _share_side(limit: InvestedShare, is_floor: bool) -> _Side | None:  # noqa: FBT001 - a side
    number = limit.at_least if is_floor else limit.at_most
    if number is None:
        return None
    other = limit.at_most if is_floor else limit.at_least
    rest = None
    if other is not None:
        rest = replace(limit, at_least=None) if is_floor else replace(limit, at_most=None)
    sign = 1 if is_floor else -1

    def terms(compilation: Compilation, share: Fraction) -> Mapping[int, Exact]:
        beyond = compilation.outlay_beyond_share(limit.where, share)
        return {variable: sign * value for variable, value in beyond.items()}

    return _Side(rest, number, Fraction(0 if is_floor else 1), terms, limit)


def _evidence_side(limit: Evidence) -> _Side:
    def terms(compilation: Compilation, mean: Fraction) -> Mapping[int, Exact]:
        outlay = compilation.appraisal.outlay
        return compilation.scaled(
            {
                key: (intervention.evidence_stars - mean) * outlay(option)
                for key, (intervention, option) in compilation.plan.options.items()
            }
        )

    return _Side(None, limit.at_least, Fraction(0), terms, limit)


class _Ratio:
    """The best ratio that any choice reaches, all other rules kept."""

    def __init__(self, plan: Plan, number: int, side: _Side, effort: Effort) -> None:
        self.side, self.effort = side, effort
        self.compilation = Compilation(with_limit(plan, number, side.rest))

    def least(self) -> Least | None:
        """Return the least amount, by raising the number as far as some choice still reaches."""
        reached, best = self.side.start, None
        for _ in range(MOST_STEPS):
            terms = self.side.terms(self.compilation, reached)
            self.compilation.program.objective = {v: c for v, c in terms.items() if c}
            found = Search(self.compilation).best(self.effort)
            if found.choice is None:
                return None
            further = self._ratio(found.choice, reached)
            if further is None or abs(further - reached) < Fraction(1, 10**12):
                by = decimal_up(abs(self.side.number - reached), self.side.limit)
                choice = found.choice if best is None else best
                return Least(by, choice, found.answer is Answer.OPTIMAL)
            reached, best = further, found.choice
        return None

    def _ratio(self, choice: Choice, reached: Fraction) -> Fraction | None:
        """Return the ratio of a choice; None where it does not go further than was reached."""
        values = self.compilation.values(choice)

        def at(number: Fraction) -> Fraction:
            terms = self.side.terms(self.compilation, number)
            return exact_sum(c * values[v] for v, c in terms.items())

        value, slope = at(reached), at(reached + 1) - at(reached)
        if value <= 0 or not slope:
            return None
        return reached - value / slope
