"""Every limit of an allocation with what the plan uses of it, in the unit that people think in."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from flask_babel import gettext as _

from optimizer import Allocation, RowResult
from optimizer.constraints.base import Constraint
from optimizer.constraints.money import InvestedShare
from optimizer.constraints.selection import Evidence
from planner import formats
from planner.formats import Language
from planner.reports.values import Cell, Column, LimitUse, Row, Table, Why

Unit = Literal["money", "percent", "stars", "number", "none"]
State = Literal["binds", "slack", "broken"]

UNITS: Final[Mapping[str, Unit]] = {
    "pool": "money",
    "invested": "money",
    "invested_share": "percent",
    "net_saving": "money",
    "spending": "money",
    "cumulative": "money",
    "evidence": "stars",
    "measure": "number",
    "chosen": "number",
    "changes": "number",
    "disappointments": "money",
    "expected_shortfall": "money",
    "chance_of_loss": "percent",
    "outcome_fund": "money",
}


@dataclass(frozen=True, slots=True)
class Use:
    """One row of a limit in its natural unit.

    Parameters
    ----------
    path : str
        Place of the limit in the plan.
    used, limit, slack : Fraction or None
        None where the unit has no number (payback, relations), or nothing is invested.
    is_floor : bool
        Whether the limit is the least that is wanted.
    """

    path: str
    tag: str
    label: str
    year: int | None
    unit: Unit
    used: Fraction | None
    limit: Fraction | None
    slack: Fraction | None
    broken_by: Fraction
    is_floor: bool
    state: State

    @property
    def tightness(self) -> Fraction:
        """Return the slack in relation to the limit: the smaller, the tighter."""
        if self.slack is None:
            return Fraction(0)
        return self.slack / max(Fraction(1), abs(self.limit or Fraction(0)))


def uses_of(
    allocation: Allocation, decisive: frozenset[str], *, language: Language
) -> tuple[Use, ...]:
    """Return every row of the limits, pools and relations, in the plan's order."""
    tight = {
        path: min((r for r in allocation.rows if r.row.path == path), key=_room, default=None)
        for path in decisive
    }
    return tuple(
        _use(allocation, result, decides=tight.get(result.row.path) is result, language=language)
        for result in allocation.rows
    )


def _room(result: RowResult) -> Fraction:
    bound = result.row.upper if result.row.upper is not None else result.row.lower
    return (result.slack or Fraction(0)) / max(Fraction(1), abs(Fraction(bound or 0)))


def _use(allocation: Allocation, result: RowResult, *, decides: bool, language: Language) -> Use:
    row = result.row
    rule = _constraint(allocation, row.path)
    used, limit, is_floor = _natural(allocation, result, rule)
    slack = result.slack
    if used is not None and limit is not None:
        slack = used - limit if is_floor else limit - used
    unit = UNITS.get(row.tag, "none")
    if result.broken_by:
        state: State = "broken"
    else:
        has_number = unit != "none"
        is_tight = result.is_binding and has_number
        state = "binds" if decides or is_tight else "slack"
    return Use(
        path=row.path,
        tag=row.tag,
        label=row.label.say(language),
        year=row.year,
        unit=unit,
        used=None if unit == "none" else used,
        limit=None if unit == "none" else limit,
        slack=None if unit == "none" else slack,
        broken_by=result.broken_by,
        is_floor=is_floor,
        state=state,
    )


def _constraint(allocation: Allocation, path: str) -> Constraint | None:
    start = "scenario.constraints["
    if not path.startswith(start):
        return None
    return allocation.plan.scenario.constraints[int(path.removeprefix(start).rstrip("]"))]


def _natural(
    allocation: Allocation, result: RowResult, rule: Constraint | None
) -> tuple[Fraction | None, Fraction | None, bool]:
    """Return (used, limit, is a floor); shares and stars are divided out again."""
    row, activity = result.row, result.activity
    is_floor = row.upper is None or (
        row.lower is not None and activity - row.lower <= row.upper - activity
    )
    invested = allocation.invested
    if isinstance(rule, InvestedShare):
        share = rule.at_least if row.lower is not None else rule.at_most
        return _mean(activity, share, invested), share, row.lower is not None
    if isinstance(rule, Evidence):
        return _mean(activity, rule.at_least, invested), rule.at_least, True
    bound = row.lower if is_floor else row.upper
    return activity, None if bound is None else Fraction(bound), is_floor


def _mean(activity: Fraction, level: Fraction | None, invested: Fraction) -> Fraction | None:
    return None if level is None or not invested else activity / invested + level


# ---- In words ----


def amount(value: Fraction | None, unit: Unit, *, language: Language) -> str:
    """Return a number with its unit."""
    if value is None:
        return formats.NONE
    if unit == "money":
        return formats.say_million(value, language=language)
    if unit == "percent":
        return formats.percent(value, decimals=_decimals(value * 100), language=language)
    if unit == "stars":
        return _("%(number)s stars", number=formats.measure(value, language=language))
    return formats.measure(value, decimals=1, language=language)


def room(value: Fraction | None, unit: Unit, *, language: Language) -> str:
    """Return a difference with its unit."""
    if unit == "percent" and value is not None:
        number = formats.number(value * 100, decimals=_decimals(value * 100), language=language)
        return _("%(number)s percentage points", number=number)
    return amount(value, unit, language=language)


def _decimals(value: Fraction) -> int:
    return 0 if value.denominator == 1 else 1


def limit_use(
    uses: Iterable[Use], *, sentence: str, href: str | None, language: Language
) -> LimitUse:
    """Return what a limit's rows say together: its tightest row, with its year."""
    rows = list(uses)
    if not rows:
        return LimitUse(sentence=sentence, href=href)
    tight = tightest(rows)
    if tight.unit == "none":
        return LimitUse(sentence=sentence, state=tight.state, href=href)
    used, mark = _rail(tight)
    return LimitUse(
        sentence=sentence,
        state=tight.state,
        use=in_words(tight, with_year=len(rows) > 1, language=language),
        used=used,
        mark=mark,
        href=href,
    )


def tightest(rows: list[Use]) -> Use:
    """Return the row that decides, else the one with the least room."""
    order = {"broken": 0, "binds": 1, "slack": 2}
    return min(rows, key=lambda use: (order[use.state], use.tightness))


def in_words(use: Use, *, with_year: bool, language: Language) -> str:
    """Return what the plan uses: ``9,3 mio. kr. i planen i 2028; luft 0,7 mio. kr.``."""
    used = amount(use.used, use.unit, language=language)
    said = (
        _("%(used)s in the plan in %(year)s", used=used, year=use.year)
        if with_year and use.year is not None
        else _("%(used)s in the plan", used=used)
    )
    if use.state == "broken" and use.slack is not None:
        missed = room(-use.slack, use.unit, language=language)
        return _("%(said)s; broken by %(missed)s", said=said, missed=missed)
    if use.slack is None or use.slack <= 0:
        return said
    return _(
        "%(said)s; room %(room)s", said=said, room=room(use.slack, use.unit, language=language)
    )


def _rail(use: Use) -> tuple[Fraction | None, Fraction | None]:
    if use.used is None or use.limit is None or use.used < 0 or use.limit < 0:
        return None, None
    return LimitUse.rail(used=use.used, limit=use.limit)


# ---- As tables ----


def _without_why(_path: str, _year: int | None) -> Why | None:
    return None


def limits_table(
    uses: Iterable[Use],
    *,
    by_year: bool,
    source: str,
    language: Language,
    why: Callable[[str, int | None], Why | None] = _without_why,
) -> Table:
    """Return one line a limit (its tightest year), or every year of the limits kept by year.

    Relations are kept by every plan and have no number: only one that is broken is shown. ``why``
    gives the answer that stands at a row, from its place in the plan and its year.
    """
    groups: dict[str, list[Use]] = {}
    for use in uses:
        if use.path.startswith("relations") and use.state != "broken":
            continue
        groups.setdefault(use.path, []).append(use)
    lines = (
        [use for rows in groups.values() if len(rows) > 1 for use in rows]
        if by_year
        else [tightest(rows) for rows in groups.values()]
    )
    return Table(
        title=_("The limits year by year") if by_year else _("The limits"),
        caption=""
        if by_year
        else _("Of a limit that is kept year by year, the year with the least room is shown."),
        columns=(
            Column("limit", _("Limit")),
            Column("used", _("In the plan"), "count"),
            Column("bound", _("Limit value"), "count"),
            Column("slack", _("Room"), "count"),
            Column("state", _("What it does")),
        ),
        rows=tuple(_line(use, why(use.path, use.year), language=language) for use in lines),
        source=source,
    )


def _line(use: Use, why: Why | None, *, language: Language) -> Row:
    return Row(
        (
            Cell(use.label, why=why),
            Cell(amount(use.used, use.unit, language=language)),
            Cell(_bound(use, language=language)),
            Cell(room(use.slack, use.unit, language=language)),
            Cell(verdict(use)),
        )
    )


def _bound(use: Use, *, language: Language) -> str:
    bound = amount(use.limit, use.unit, language=language)
    if use.limit is None:
        return bound
    if use.is_floor:
        return _("at least %(bound)s", bound=bound)
    return _("at most %(bound)s", bound=bound)


def verdict(use: Use) -> str:
    """Return what a limit does, in a word or two."""
    if use.state == "broken":
        return _("Broken, at a price")
    if use.state == "binds":
        return _("Decides the choice")
    return _("Kept") if use.unit == "none" else _("Room left")
