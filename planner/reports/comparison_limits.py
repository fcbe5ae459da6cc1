"""Goal and limits side by side: what each scenario demands, and what its plan gives."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from fractions import Fraction

from flask_babel import gettext as _

from optimizer import Force
from optimizer.constraints.base import Constraint
from optimizer.constraints.money import Spending
from optimizer.constraints.selection import Payback
from optimizer.filters import Filter
from planner import formats
from planner.reports.comparison_names import name_of
from planner.reports.comparison_sides import Side, Sides
from planner.reports.limit_uses import Use, amount, tightest, uses_of
from planner.reports.scenario_facts import goal_text, goals_text, within_text, worth_text
from planner.reports.values import Cell, Column, Row, Table

# what may differ between two limits that are about the same thing
BOUNDS = frozenset({"at_least", "at_most", "by_year", "label", "soft_price", "latest_year"})


@dataclass(frozen=True, slots=True)
class Demand:
    """What one scenario demands, and in brackets what its plan gives."""

    text: str
    use: str = ""


@dataclass(slots=True)
class Line:
    """One thing that is demanded, by the places of the sides that demand it."""

    label: str
    demands: dict[int, Demand] = field(default_factory=dict)


def limits_table(sides: Sides) -> Table:
    """Return goal, pools and limits: those that differ first."""
    lines: dict[object, Line] = {}
    for place, side in enumerate(sides.all):
        for key, label, demand in _demands(sides, side):
            lines.setdefault(key, Line(label)).demands[place] = demand
    different = [line for line in lines.values() if _differs(line, len(sides.all))]
    alike = [line for line in lines.values() if not _differs(line, len(sides.all))]
    return Table(
        title=_("Goal and limits"),
        caption=_("What is demanded, and in brackets what the plan gives."),
        columns=(
            Column("limit", _("Limit")),
            *(Column(f"side{n}", side.title) for n, side in enumerate(sides.all)),
        ),
        rows=(
            *_group(_("Not the same"), different, len(sides.all)),
            *_group(_("The same in all of them"), alike, len(sides.all)),
        ),
    )


def _differs(line: Line, sides: int) -> bool:
    return len(line.demands) < sides or len({d.text for d in line.demands.values()}) > 1


def _group(title: str, lines: list[Line], sides: int) -> Iterator[Row]:
    if not lines:
        return
    yield Row((Cell(title, note=str(len(lines))),), kind="group")
    for line in lines:
        cells = []
        for place in range(sides):
            demand = line.demands.get(place)
            cells.append(
                Cell(None) if demand is None else Cell(demand.text, note=_bracketed(demand.use))
            )
        yield Row((Cell(line.label), *cells))


def _bracketed(use: str) -> str | None:
    return f"({use})" if use else None


Found = tuple[object, str, Demand]


def _demands(sides: Sides, side: Side) -> Iterator[Found]:
    yield _goal(sides, side)
    yield from _later_goals(sides, side)
    yield from _pools(sides, side)
    uses = uses_of(side.allocation, frozenset(), language=sides.language)
    by_path: dict[str, list[Use]] = {}
    for use in uses:
        by_path.setdefault(use.path, []).append(use)
    for number, rule in enumerate(side.plan.scenario.constraints):
        rows = by_path.get(f"scenario.constraints[{number}]", [])
        yield from _limit(sides, side, rule, rows)
    yield from _forced(sides, side)


def _goal(sides: Sides, side: Side) -> Found:
    terms = side.plan.scenario.objective
    words = [
        goal_text(term, side.plan, alone=len(terms) == 1, language=sides.language) for term in terms
    ]
    is_money = all(term.is_money and term.weight == 1 for term in terms)
    value = side.allocation.objective if is_money else None
    use = "" if value is None else formats.say_million_change(value, language=sides.language)
    return "goal", str(_("Goal")), Demand("; ".join(words), use)


def _later_goals(sides: Sides, side: Side) -> Iterator[Found]:
    for place, (goal, found) in enumerate(
        zip(side.plan.scenario.then, side.allocation.later, strict=True), 2
    ):
        words = goals_text(goal.terms, side.plan, language=sides.language)
        within = within_text(goal.within, language=sides.language)
        value = worth_text(found.objective, goal.terms, language=sides.language)
        yield (
            ("goal", place),
            _("Goal %(number)s", number=place),
            Demand(f"{words}, {within}", value),
        )


def _pools(sides: Sides, side: Side) -> Iterator[Found]:
    for pool in side.plan.scenario.pools:
        spent = sum((year.outlay for year in side.allocation.pools[pool.id]), Fraction(0))
        yield (
            ("pool", pool.id, pool.name),
            pool.name,
            Demand(
                formats.say_million(pool.amount, language=sides.language),
                formats.million(spent, language=sides.language),
            ),
        )
        if pool.repayment is not None:
            share = formats.percent(pool.repayment.share, decimals=0, language=sides.language)
            label = _("Repayment to %(pool)s", pool=pool.name)
            yield ("repayment", pool.id, pool.name), label, Demand(share)


def _forced(sides: Sides, side: Side) -> Iterator[Found]:
    for force, label in (
        (Force.IN, _("Decided beforehand: in")),
        (Force.OUT, _("Decided beforehand: out")),
    ):
        titles = [i.title for i in side.plan.interventions if i.force is force]
        if titles:
            yield force, str(label), Demand(sides.words(titles))


# ---- One limit ----


def _limit(sides: Sides, side: Side, rule: Constraint, rows: list[Use]) -> Iterator[Found]:
    same = (rule.tag, *(_comparable(rule)))
    soft = "" if rule.soft_price is None else " " + _("(soft)")
    name = rule.label or name_of(rule, side.plan, sides.language)
    if isinstance(rule, Payback):
        yield same, name, Demand(f"{rule.latest_year}{soft}")
    elif isinstance(rule, Spending):
        for use in rows:
            label = _("%(limit)s, %(year)s, at most", limit=name, year=use.year)
            yield (*same, use.year), label, _demand(sides, use, soft)
    elif not name or not rows:
        text = rule.named(side.plan).say(sides.language)
        yield same, str(type(rule).title.say(sides.language)), Demand(f"{text}{soft}")
    else:
        yield from _bounds(sides, rule, rows, same=same, name=name, soft=soft)


def _bounds(
    sides: Sides,
    rule: Constraint,
    rows: list[Use],
    *,
    same: tuple[object, ...],
    name: str,
    soft: str,
) -> Iterator[Found]:
    """Yield the least and the most that is demanded, each as a line of its own."""
    use = tightest(rows)
    for key, words in (("at_least", _("at least")), ("at_most", _("at most"))):
        bound = getattr(rule, key, None)
        if bound is None:
            continue
        mine = next((u for u in rows if u.is_floor == (key == "at_least")), use)
        text = amount(Fraction(bound), mine.unit, language=sides.language)
        used = amount(mine.used, mine.unit, language=sides.language)
        yield (*same, key), f"{name}, {words}", Demand(f"{text}{soft}", used)


def _demand(sides: Sides, use: Use, soft: str) -> Demand:
    limit = amount(use.limit, use.unit, language=sides.language)
    return Demand(f"{limit}{soft}", amount(use.used, use.unit, language=sides.language))


def _comparable(rule: Constraint) -> Iterator[object]:
    for one in fields(rule):
        if one.name not in BOUNDS:
            value = getattr(rule, one.name)
            yield (one.name, str(value) if isinstance(value, Filter) else value)
