"""The comparison as tables: who is in where, year by year, what it was made from."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from flask_babel import gettext as _
from flask_babel import ngettext

from optimizer import FlowKind, Intervention, Option, Selection
from planner import formats
from planner.reports.allocation_status import headline
from planner.reports.comparison_sides import Side, Sides
from planner.reports.stored import Periods
from planner.reports.values import Cell, Column, Row, Table

# ---- Interventions and scenarios ----


@dataclass(frozen=True, slots=True)
class _Line:
    """One intervention in one option at one scale, as at least one side sees it."""

    side: Side
    intervention: Intervention
    option: Option
    scale: Fraction

    @property
    def sameness(self) -> tuple[str, str, str, Fraction]:
        """What makes two sides' lines one line."""
        return (self.intervention.id, self.intervention.title, self.option.id, self.scale)


def matrix(sides: Sides) -> Table:
    """Return a line an intervention, a mark for each scenario that funds it.

    Where scenarios fund different options of one, each option has its own line, so that the
    amounts are always those of the marked scenarios.
    """
    lines = _lines(sides)
    prices = _("%(year)s prices", year=sides.first.plan.price_year)
    if not sides.shared(lambda side: side.plan.price_year):
        prices = _("each in its own price year")
    return Table(
        title=_("Intervention by intervention"),
        caption=_(
            "Amounts in 1,000 kr., %(prices)s; net of %(owner)s. A filled square: funded in the"
            " scenario.",
            prices=prices,
            owner=sides.owner,
        ),
        columns=(
            Column("intervention", _("Intervention")),
            Column("outlay", _("Outlay"), "thousand", essential=False),
            Column("period", _("Net in the period"), "thousand_change", essential=False),
            Column("after", _("Net after it"), "thousand_change", essential=False),
            *(Column(f"side{n}", side.title, "mark") for n, side in enumerate(sides.all)),
        ),
        rows=(*(_matrix_row(sides, line) for line in lines), _count_row(sides)),
        total_note=_(
            "What no scenario funds is shown in its first option at full scale. Overlaps between"
            " funded interventions are taken off in the totals, not here."
        ),
    )


def _lines(sides: Sides) -> list[_Line]:
    """Return a line for each funded option, and one for each intervention that nobody funds."""
    found: dict[tuple[str, str, str, Fraction], _Line] = {}
    funded: set[tuple[str, str]] = set()
    for side in sides.all:
        for i, o, z in side.chosen.values():
            line = _Line(side, i, o, z)
            found.setdefault(line.sameness, line)
            funded.add((i.id, i.title))
    for side in sides.all:
        for i in side.plan.interventions:
            if (i.id, i.title) not in funded:
                line = _Line(side, i, i.options[0], Fraction(1))
                found.setdefault(line.sameness, line)
                funded.add((i.id, i.title))
    return _in_order(sides, list(found.values()))


def _in_order(sides: Sides, lines: list[_Line]) -> list[_Line]:
    """Return the interventions that most sides fund first, then by outlay; options together."""

    def outlay(line: _Line) -> Fraction:
        return line.scale * line.side.allocation.appraisal.outlay(line.option)

    def identity(line: _Line) -> tuple[str, str]:
        return (line.intervention.id, line.intervention.title)

    funding: Counter[tuple[str, str]] = Counter()
    largest: dict[tuple[str, str], Fraction] = {}
    for line in lines:
        funding[identity(line)] += sum(_funds(side, line) for side in sides.all)
        largest[identity(line)] = max(largest.get(identity(line), Fraction(0)), outlay(line))
    return sorted(
        lines,
        key=lambda line: (
            -funding[identity(line)],
            -largest[identity(line)],
            identity(line),
            -sum(_funds(side, line) for side in sides.all),
            -outlay(line),
        ),
    )


def _funds(side: Side, line: _Line) -> bool:
    chosen = side.chosen.get(line.intervention.id)
    return chosen is not None and _Line(side, *chosen).sameness == line.sameness


def _matrix_row(sides: Sides, line: _Line) -> Row:
    side, option, scale = line.side, line.option, line.scale
    appraisal, periods = side.allocation.appraisal, Periods(side.plan)
    period = scale * appraisal.total(option.flows, periods.in_budget(side.own))
    after: Fraction | None = None
    if periods.after is not None:
        after = scale * appraisal.total(option.flows, periods.afterwards(side.own))
    address = next(
        (
            s.addresses[line.intervention.id]
            for s in sides.all
            if line.intervention.id in s.addresses
        ),
        None,
    )
    return Row(
        (
            Cell(line.intervention.title, href=address, note=_note(sides, line)),
            Cell(scale * appraisal.outlay(option)),
            Cell(period),
            Cell(after),
            *(Cell(_funds(one, line)) for one in sides.all),
        )
    )


def _note(sides: Sides, line: _Line) -> str:
    """Return code, department, option and scale, as far as they tell something."""
    departments = {d.id: d.name for d in line.side.plan.departments}
    parts = [line.intervention.id, departments[line.intervention.department]]
    if len(line.intervention.options) > 1:
        parts.append(line.option.title or line.option.id)
    if line.scale != 1:
        share = formats.percent(line.scale, decimals=1, language=sides.language)
        parts.append(_("%(share)s of full scale", share=share))
    return " · ".join(parts)


def _count_row(sides: Sides) -> Row:
    counts = (formats.number(len(side.chosen), language=sides.language) for side in sides.all)
    return Row(
        (Cell(_("Interventions funded")), Cell(""), Cell(""), Cell(""), *map(Cell, counts)),
        kind="sum",
    )


# ---- Year by year ----


def years_tables(sides: Sides) -> tuple[Table, ...]:
    """Return outlay, net, cumulative net and each pool's balance, year by year."""
    years = sorted({year for side in sides.all for year in side.plan.years})
    tables = [
        _by_year(sides, years, _("Outlay"), "thousand", _outlay),
        _by_year(sides, years, _("Net of %(owner)s", owner=sides.owner), "thousand_change", _net),
        _by_year(
            sides,
            years,
            _("Net of %(owner)s, cumulative", owner=sides.owner),
            "thousand_change",
            _cumulative,
        ),
    ]
    pools = {pool.name: pool.id for side in sides.all for pool in side.plan.scenario.pools}
    tables += [
        _by_year(sides, years, _("Balance: %(pool)s", pool=name), "thousand", _balance_of(identity))
        for name, identity in pools.items()
    ]
    return tuple(tables)


YearValues = Callable[[Side], dict[int, Fraction]]


def _outlay(side: Side) -> dict[int, Fraction]:
    outlays = Selection(kinds=frozenset({FlowKind.OUTLAY}))
    by_year = side.allocation.appraisal.net_by_year(side.allocation.choice, outlays)
    return {year: -amount for year, amount in by_year.items()}


def _net(side: Side) -> dict[int, Fraction]:
    selection = Selection(payers=side.own)
    return side.allocation.appraisal.net_by_year(side.allocation.choice, selection)


def _cumulative(side: Side) -> dict[int, Fraction]:
    so_far, found = Fraction(0), {}
    for year, amount in sorted(_net(side).items()):
        so_far += amount
        found[year] = so_far
    return found


def _balance_of(pool: str) -> YearValues:
    def balance(side: Side) -> dict[int, Fraction]:
        return {year.year: year.balance for year in side.allocation.pools.get(pool, ())}

    return balance


def _by_year(sides: Sides, years: list[int], title: str, kind: str, values: YearValues) -> Table:
    first, last = sides.first.plan.budget_period
    return Table(
        title=title,
        caption=_("%(title)s, 1,000 kr.", title=title),
        columns=(
            Column("scenario", _("Scenario")),
            *(
                Column(str(year), str(year), kind, tint=first <= year <= last)  # type: ignore[arg-type] # money
                for year in years
            ),
        ),
        rows=tuple(_year_row(side, years, values(side)) for side in sides.all),
    )


def _year_row(side: Side, years: list[int], values: dict[int, Fraction]) -> Row:
    return Row((Cell(side.title), *(Cell(values.get(year)) for year in years)))


# ---- What it was made from ----


def assumptions(sides: Sides) -> Table:
    """Return what each scenario was made from, and which versions it uses."""
    rows = [
        Row((Cell(label), *(Cell(value(side)) for side in sides.all)))
        for label, value in _assumed(sides)
    ]
    return Table(
        title=_("Assumptions and versions"),
        caption="",
        columns=(
            Column("what", _("What")),
            *(Column(f"side{n}", side.title) for n, side in enumerate(sides.all)),
        ),
        rows=(*rows, *_other_versions(sides)),
    )


def _assumed(sides: Sides) -> Iterator[tuple[str, Callable[[Side], str]]]:
    language = sides.language
    yield _("Strategy"), lambda side: side.strategy
    yield _("Price year"), lambda side: str(side.plan.price_year)
    yield (
        _("Budget period"),
        lambda side: formats.years(*side.plan.budget_period, language=language),
    )
    yield _("Years that count"), lambda side: formats.years(*side.plan.horizon, language=language)
    yield _("Discounting"), lambda side: _discounting(sides, side)
    yield (
        _("Candidates"),
        lambda side: formats.number(len(side.plan.interventions), language=language),
    )
    yield (
        _("Answer"),
        lambda side: headline(side.allocation.status, side.allocation.gap, language=language),
    )
    yield _("Calculated"), lambda side: side.calculated
    yield _("Version of the scenario"), lambda side: str(side.version)


def _discounting(sides: Sides, side: Side) -> str:
    if not side.plan.discount:
        return str(_("none"))
    steps = [
        formats.percent(step.rate, decimals=1, language=sides.language)
        if step.after_year == 0
        else _(
            "%(rate)s after year %(year)s",
            rate=formats.percent(step.rate, decimals=1, language=sides.language),
            year=step.after_year,
        )
        for step in side.plan.discount
    ]
    return ", ".join(steps)


def _other_versions(sides: Sides) -> Iterable[Row]:
    """Yield the interventions whose business case is another version in another scenario."""
    titles = {i.id: i.title for side in sides.all for i in side.plan.interventions}
    for key, title in titles.items():
        versions = [side.versions.get(key) for side in sides.all]
        if len({v for v in versions if v is not None}) > 1:
            cells = (
                Cell(formats.NONE if v is None else _("version %(number)s", number=v))
                for v in versions
            )
            yield Row((Cell(_("Business case: %(title)s", title=title)), *cells))


def assumptions_summary(sides: Sides) -> str:
    """Return whether they were made from the same, in a few words."""
    frames = sides.shared(
        lambda side: (
            side.strategy,
            side.plan.price_year,
            side.plan.budget_period,
            side.plan.horizon,
            side.plan.discount,
        )
    )
    others = len(list(_other_versions(sides)))
    if frames and not others:
        return str(_("the same in all of them"))
    if frames:
        return ngettext(
            "%(num)s business case is not the same version",
            "%(num)s business cases are not the same version",
            others,
        )
    return str(_("not the same in all of them"))
