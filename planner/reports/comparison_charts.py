"""The comparison in small multiples: money on one scale, the rest each on its own."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from flask_babel import gettext as _
from flask_babel import ngettext

from optimizer.payers import Level
from planner import formats
from planner.reports import charts
from planner.reports.charts import Bar, Panel
from planner.reports.comparison_sides import Measured, Side, Sides
from planner.reports.values import Cell, Chart, Column, Row, Table


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure that the sides are compared by.

    Parameters
    ----------
    detail : str
        The line under its title: years or unit.
    level : str
        Colour of its bars.
    has_best : bool
        Whether more is better.
    """

    title: str
    detail: str
    measured: Measured
    kind: str
    level: str = "plain"
    has_best: bool = True


def _names(measure: Measure) -> str:
    return f"{measure.title}, {measure.detail}" if measure.detail else measure.title


# ---- Money ----


def money_measures(sides: Sides) -> list[Measure]:
    """Return what each purse nets, in the budget period and after it."""
    plan, language = sides.first.plan, sides.language
    same = sides.are_comparable
    period = formats.years(*plan.budget_period, language=language) if same else ""
    after = formats.years(plan.budget_period[1] + 1, plan.horizon[1], language=language)
    whole = formats.years(*plan.horizon, language=language) if same else ""
    own = Level.MUNICIPALITY.label.say(language) if sides.have_own else str(_("All purses"))
    found = [
        Measure(
            _("%(payer)s, budget period", payer=own),
            period,
            lambda side: side.period,
            "million_change",
            "municipality",
        )
    ]
    if sides.known(lambda side: side.after):
        found.append(
            Measure(
                _("%(payer)s, after it", payer=own),
                after if same else "",
                lambda side: side.after,
                "million_change",
                "municipality",
            )
        )
    if sides.have_own:
        found += [
            Measure(level.label.say(language), whole, _at(level), "million_change", level.value)
            for level in (Level.REGION, Level.STATE)
            if sides.known(_at(level))
        ]
    return found


def _at(level: Level) -> Callable[[Side], Fraction | None]:
    return lambda side: side.at_level(level)


def money_chart(sides: Sides, *, source: str) -> Chart:
    """Return the net of every purse, all on one scale."""
    finding = money_finding(sides)
    prices = _prices(sides)
    measures = money_measures(sides)
    return Chart(
        name="money",
        finding=finding,
        measure_line=_(
            "Net in million kr., %(prices)s; all on one scale, plus is into the purse",
            prices=prices,
        ),
        spec=charts.small_multiples(
            _panels(sides, measures), description=finding, language=sides.language
        ),
        table=_table(
            sides,
            [
                *measures,
                Measure(
                    _("Net present value"),
                    sides.owner,
                    lambda side: side.discounted,
                    "thousand_change",
                ),
            ],
            title=_("The money behind the picture"),
            caption=_("1,000 kr., %(prices)s; plus is into the purse", prices=prices),
            kind="thousand_change",
        ),
        source=source,
    )


def money_finding(sides: Sides) -> str:
    """Return who gives the municipality most, before and after the end of the budget period."""
    first = sides.best(lambda side: side.period)
    second = sides.best(lambda side: side.after)
    year, owner, many = sides.first.plan.budget_period[1], sides.owner, len(first)
    name = sides.names(first)
    if many == len(sides.all):
        return str(_("They give %(owner)s equally much in the budget period", owner=owner))
    if not second or not sides.are_comparable:
        return ngettext(
            "%(name)s gives %(owner)s most in the budget period",
            "%(name)s give %(owner)s most in the budget period",
            many,
            name=name,
            owner=owner,
        )
    if first == second:
        return ngettext(
            "%(name)s gives %(owner)s most, both until %(year)s and after it",
            "%(name)s give %(owner)s most, both until %(year)s and after it",
            many,
            name=name,
            owner=owner,
            year=year,
        )
    return ngettext(
        "%(first)s gives %(owner)s most until %(year)s, %(second)s after it",
        "%(first)s give %(owner)s most until %(year)s, %(second)s after it",
        many,
        first=name,
        second=sides.names(second),
        owner=owner,
        year=year,
    )


# ---- The other bottom line ----


def other_measures(sides: Sides) -> list[Measure]:
    """Return outlay, citizens and evidence."""
    found = [
        Measure(
            _("Outlay"), _("million kr."), lambda side: side.invested, "million", has_best=False
        )
    ]
    if sides.known(lambda side: side.citizens):
        found.append(
            Measure(_("Citizens"), _("courses in all"), lambda side: side.citizens, "count")
        )
    if sides.known(lambda side: side.stars):
        found.append(
            Measure(
                _("Mean evidence"), _("stars, 0–3, by outlay"), lambda side: side.stars, "decimal"
            )
        )
    return found


def other_chart(sides: Sides, *, source: str) -> Chart:
    """Return outlay, citizens and evidence, each on its own scale from zero."""
    finding = other_finding(sides)
    measures = other_measures(sides)
    return Chart(
        name="other",
        finding=finding,
        measure_line=_("Each on its own scale from zero"),
        spec=charts.small_multiples(
            _panels(sides, measures),
            description=finding,
            one_scale=False,
            language=sides.language,
        ),
        table=_other_table(sides, measures),
        source=source,
    )


def other_finding(sides: Sides) -> str:
    """Return who reaches most citizens, else who has the strongest evidence."""
    many = sides.best(lambda side: side.citizens)
    if many and len(many) < len(sides.all):
        return most_citizens(sides)
    sure = sides.best(lambda side: side.stars)
    if sure and len(sure) < len(sides.all):
        return ngettext(
            "%(name)s has the strongest evidence",
            "%(name)s have the strongest evidence",
            len(sure),
            name=sides.names(sure),
        )
    return str(_("How much is invested, and in what"))


def most_citizens(sides: Sides) -> str:
    """Return who reaches most citizens."""
    best = sides.best(lambda side: side.citizens)
    return ngettext(
        "%(name)s reaches most citizens",
        "%(name)s reach most citizens",
        len(best),
        name=sides.names(best),
    )


def _other_table(sides: Sides, measures: list[Measure]) -> Table:
    kinds = {"million": "thousand"}
    units = {"million": _("1,000 kr., %(prices)s", prices=_prices(sides))}
    return _table(
        sides,
        measures,
        title=_("The numbers behind the picture"),
        caption="",
        kind="count",
        written=kinds,
        units=units,
    )


# ---- Both ----


def _prices(sides: Sides) -> str:
    if not sides.shared(lambda side: side.plan.price_year):
        return str(_("each in its own price year"))
    return str(_("%(year)s prices", year=sides.first.plan.price_year))


def _panels(sides: Sides, measures: list[Measure]) -> list[Panel]:
    return [
        Panel(title=str(m.title), detail=str(m.detail), bars=tuple(_bars(sides, m)))
        for m in measures
    ]


def _bars(sides: Sides, measure: Measure) -> list[Bar]:
    values = sides.known(measure.measured)
    best = sides.best(measure.measured)
    marked = measure.has_best and len(best) == 1 and len(values) > 1
    return [
        Bar(
            label=side.title,
            value=values.get(place, Fraction(0)),
            text=formats.shown(values.get(place), measure.kind, language=sides.language),
            best=marked and side in best,
            level=measure.level,
        )
        for place, side in enumerate(sides.all)
    ]


def _table(
    sides: Sides,
    measures: list[Measure],
    *,
    title: str,
    caption: str,
    kind: str,
    written: dict[str, str] | None = None,
    units: dict[str, str] | None = None,
) -> Table:
    """Return a line a measure and a column a side; ``written`` gives a kind its text form here."""
    rows = []
    for measure in measures:
        values = sides.known(measure.measured)
        unit = (units or {}).get(measure.kind, measure.detail)
        cells = [Cell(measure.title, note=str(unit) or None)]
        for place in range(len(sides.all)):
            value = values.get(place)
            if written is None:
                cells.append(Cell(value))
            else:
                shown = written.get(measure.kind, measure.kind)
                cells.append(Cell(formats.shown(value, shown, language=sides.language)))
        rows.append(Row(tuple(cells)))
    columns = [Column("measure", _("Measure"))]
    columns += [
        Column(f"side{place}", side.title, kind)  # type: ignore[arg-type] # a kind of money or count
        for place, side in enumerate(sides.all)
    ]
    return Table(title=title, caption=caption, columns=tuple(columns), rows=tuple(rows))
