"""What can be loosened: the limits of a plan, each with the rows that move when its number does.

One more krone paid into a pool that carries over moves this year's row and all later ones; the
floor of a cumulative result moves in every year. A limit that stands year by year is one a year.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from optimizer.allocation import REPORTED, index_of, place_of
from optimizer.compilation import Compilation
from optimizer.constraints.base import Constraint
from optimizer.program import Exact, Row
from optimizer.scenario import Plan
from optimizer.sentence import Sentence

#: tags whose rows count something other than kroner
COUNTS = frozenset({"chosen", "measure", "payback", "changes", "chance_of_loss"})
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """One number of a plan that limits, as a reader sees it.

    Parameters
    ----------
    path : str
        Place in the plan, e.g. ``scenario.constraints[2]``.
    year : int or None
        Where the number is given by year.
    rows : tuple of int
        Rows of the program that move with it.
    lazy : tuple of int
        Rules kept by cuts that move with it.
    step : number
        What "one more" means: a million kroner, or one.
    """

    path: str
    label: Sentence
    year: int | None
    tag: str
    rows: tuple[int, ...]
    lazy: tuple[int, ...] = ()
    step: Exact = 1

    @property
    def is_money(self) -> bool:
        """Return whether it is counted in kroner."""
        return self.step == MILLION


def limits_of(compilation: Compilation) -> tuple[Limit, ...]:
    """Return constraints, pools and relations, each once or once a year, in the plan's order."""
    return tuple(sorted(_limits(compilation), key=lambda limit: place_of(limit.path, limit.year)))


def _limits(compilation: Compilation) -> Iterator[Limit]:
    by_path: dict[str, list[int]] = {}
    for number, row in enumerate(compilation.program.rows):
        if row.path.startswith(REPORTED) and row.tag not in {"cut", "definition"}:
            by_path.setdefault(row.path, []).append(number)
    for path, numbers in by_path.items():
        rows = [compilation.program.rows[n] for n in numbers]
        yield from _of_path(compilation, path, numbers, rows)
    for number, lazy in enumerate(compilation.lazy_rows):
        yield Limit(lazy.path, lazy.label, None, lazy.tag, (), (number,), _step(lazy.tag))


def _of_path(
    compilation: Compilation, path: str, numbers: list[int], rows: list[Row]
) -> Iterator[Limit]:
    tag = rows[0].tag
    if tag == "cumulative":
        plan = compilation.plan
        limit = plan.scenario.constraints[index_of(path)]
        yield Limit(path, limit.named(plan), None, tag, tuple(numbers), (), MILLION)
        return
    if len(rows) > 1 and all(row.year is None for row in rows) and tag != "invested_share":
        bearing = number_rows(compilation, path)
        rows = [row for n, row in zip(numbers, rows, strict=True) if not bearing or n in bearing]
        numbers = [n for n in numbers if not bearing or n in bearing]
    carries = tag == "pool" and compilation.plan.scenario.pools[index_of(path)].carry_over
    for place, (number, row) in enumerate(zip(numbers, rows, strict=True)):
        moved = tuple(numbers[place:]) if carries else (number,)
        yield Limit(path, row.label, row.year, tag, moved, (), _step(tag))


def _step(tag: str) -> int:
    is_count = tag in COUNTS or tag in {"requires", "excludes", "at_least", "at_most"}
    return 1 if is_count else MILLION


def number_rows(compilation: Compilation, path: str) -> list[int]:
    """Return the rows in which the number of a limit stands, not those that serve them."""
    rows = compilation.program.rows
    mine = [n for n, row in enumerate(rows) if row.path == path]
    if path.startswith("scenario.pools"):
        return mine
    plan = compilation.plan
    limit = plan.scenario.constraints[index_of(path)]
    changed = Compilation(with_limit(plan, index_of(path), _moved(limit))).program.rows
    other = [row for row in changed if row.path == path]
    return [
        n
        for n, moved in zip(mine, other, strict=True)
        if (rows[n].lower, rows[n].upper, rows[n].constant)
        != (moved.lower, moved.upper, moved.constant)
    ]


def _moved(limit: Constraint) -> Constraint:
    """Return a limit with its numbers a little looser."""
    changed: dict[str, Any] = {}
    for name, sign in (("at_most", 1), ("at_least", -1)):
        value = getattr(limit, name, None)
        if value is not None:
            changed[name] = value + sign
    by_year = getattr(limit, "by_year", None)
    if by_year is not None:
        changed["by_year"] = {year: amount + 1 for year, amount in by_year.items()}
    return replace(limit, **changed)


def with_limit(plan: Plan, number: int, limit: Constraint | None) -> Plan:
    """Return a plan with another limit in the place of one, or with none."""
    limits = list(plan.scenario.constraints)
    limits[number : number + 1] = [] if limit is None else [limit]
    return replace(plan, scenario=replace(plan.scenario, constraints=tuple(limits)))
