"""One allocation as a page tells it; screen, workbook and paper are made from the same values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from optimizer import Allocation, Force, Intervention, Option
from optimizer.intervention import intervention_of
from planner import formats
from planner.formats import Language
from planner.reports.allocation_charts import (
    Frame,
    department_chart,
    losses_by_overlap,
    money_chart,
    moves_money,
    payer_chart,
    pool_charts,
)
from planner.reports.allocation_goals import goals_table
from planner.reports.allocation_status import figures_of, status_of, swaps
from planner.reports.decisive import decisive_limits
from planner.reports.infeasible import Diagnosis, diagnosis_of
from planner.reports.limit_uses import Use, limits_table, uses_of
from planner.reports.settlement import SettlementReport, settlement_report
from planner.reports.stored import Periods, citizens_measure, own_payers, own_purses
from planner.reports.suppliers import suppliers_table
from planner.reports.values import Cell, Chart, Column, Figure, Row, Status, Table
from planner.reports.why import NOTHING, Whys, is_of_another_plan, whys_of

#: intervention id to the address of its page, or None
Address = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Results:
    """What is there to show when there is a plan.

    Parameters
    ----------
    payers, money, departments : Chart or None
        None where no purse pays or gets anything, so that there is nothing to draw.
    settlement : SettlementReport or None
        Who gains more than it pays; None where no purse pays or saves anything.
    suppliers : Table or None
        What the municipality does itself and what others do; None where nothing is invested.
    goals : Table or None
        What each goal reaches and how sure that is; None where there is only one.
    contributions : Table or None
        Who pays into the outcome funds; None where there is no fund.
    has_risk : bool
        Whether the plan has possible futures, so that its risk can be told.
    why_note : str
        What to know about the answers to "why"; empty where they are of this very plan.
    """

    figures: tuple[Figure, ...]
    swaps: tuple[str, ...]
    funding: Table
    payers: Chart | None
    pools: tuple[Chart, ...]
    money: Chart | None
    departments: Chart | None
    limits: Table
    limits_by_year: Table
    uses: tuple[Use, ...]
    goals: Table | None
    contributions: Table | None
    settlement: SettlementReport | None
    suppliers: Table | None
    has_risk: bool
    why_note: str


@dataclass(frozen=True, slots=True)
class AllocationReport:
    """The whole page.

    Parameters
    ----------
    results : Results or None
        None where there is no plan.
    diagnosis : Diagnosis or None
        What is known of why no plan keeps every limit.
    """

    status: Status
    price_note: str
    results: Results | None = None
    diagnosis: Diagnosis | None = None


def allocation_report(
    allocation: Allocation,
    *,
    language: Language,
    calculated: str,
    address: Address,
    explanation: Mapping[str, Any] | None = None,
) -> AllocationReport:
    """Return everything that the page of an allocation shows.

    Parameters
    ----------
    calculated : str
        When it was calculated, in words.
    address : callable
        From an intervention's id to its page.
    explanation : mapping or None
        The document ``bundlinje-explanation/1`` in the reader's language; None while there is none.
    """
    status = status_of(allocation, language=language)
    price_note = _("Amounts in %(year)s prices", year=allocation.plan.price_year)
    if not allocation.has_plan:
        return AllocationReport(
            status=status,
            price_note=price_note,
            diagnosis=None
            if explanation is None
            else diagnosis_of(explanation, allocation.plan, language=language),
        )
    source = _("Bundlinje, calculated %(moment)s", moment=calculated)
    frame = Frame(allocation=allocation, language=language, source=source)
    uses = uses_of(allocation, decisive_limits(allocation), language=language)
    whys = whys_of(explanation, allocation.plan, language=language)
    is_money_moved = moves_money(allocation)
    return AllocationReport(
        status=status,
        price_note=price_note,
        results=Results(
            figures=figures_of(allocation, language=language),
            swaps=swaps(allocation),
            funding=funding_table(frame, address, whys),
            payers=payer_chart(frame) if is_money_moved else None,
            pools=pool_charts(frame),
            money=money_chart(frame) if is_money_moved else None,
            departments=department_chart(frame) if is_money_moved else None,
            limits=limits_table(
                uses, by_year=False, source=source, language=language, why=whys.limit
            ),
            limits_by_year=limits_table(
                uses, by_year=True, source=source, language=language, why=whys.limit
            ),
            uses=uses,
            goals=goals_table(allocation, language=language) if allocation.later else None,
            contributions=contributions_table(frame) if allocation.contributions else None,
            settlement=settlement_report(frame),
            suppliers=suppliers_table(frame),
            has_risk=allocation.plan.outcomes is not None,
            why_note=_why_note(allocation, explanation),
        ),
    )


def _why_note(allocation: Allocation, explanation: Mapping[str, Any] | None) -> str:
    funded = (intervention_of(key) for key in allocation.choice)
    if not is_of_another_plan(explanation, funded):
        return ""
    if allocation.plan.scenario.then:
        return _(
            "Every why is of the best plan by the first goal alone; the further goals chose another"
            " one, so some answers are of interventions that are not funded here."
        )
    return _(
        "While this was explained another plan was found that is at least as good. Every why is of "
        "that plan; press Allocate to see it."
    )


# ---- Who pays ----


def contributions_table(frame: Frame) -> Table:
    """Return what each payer gains from the outcome funds and puts into them."""
    names = {p.id: p.name for p in frame.allocation.plan.payers}
    parts = frame.allocation.contributions
    is_many = len({part.fund for part in parts}) > 1
    rows = [
        Row(
            (
                Cell(names[part.payer], note=part.fund if is_many else None),
                Cell(part.gain),
                Cell(part.contribution),
                Cell(part.gain - part.contribution),
            )
        )
        for part in parts
    ]
    gain = sum((part.gain for part in parts), Fraction(0))
    paid = sum((part.contribution for part in parts), Fraction(0))
    total = Row((Cell(_("In all")), Cell(gain), Cell(paid), Cell(gain - paid)), kind="sum")
    return Table(
        title=_("Who pays into the outcome fund"),
        caption=_("1,000 kr., %(prices)s, present value over the horizon", prices=frame.prices),
        columns=(
            Column("payer", _("Payer")),
            Column("gain", _("Gain"), "thousand_change"),
            Column("contribution", _("Contribution"), "thousand"),
            Column("left", _("Left of the gain"), "thousand_change"),
        ),
        rows=(*rows, total),
        source=frame.source,
    )


# ---- Who is funded ----


def funding_table(frame: Frame, address: Address, whys: Whys = NOTHING) -> Table:
    """Return funded and unfunded interventions, the funded ones with the sum of the plan."""
    allocation = frame.allocation
    plan = allocation.plan
    measure = citizens_measure(plan)
    chosen = {i.id: (o, s) for _k, i, o, s in allocation.appraisal.chosen(allocation.choice)}
    funded = [i for i in plan.interventions if i.id in chosen]
    unfunded = [i for i in plan.interventions if i.id not in chosen]
    line = _Line(frame, measure, address, whys)
    rows = [
        _group(_("Funded"), len(funded)),
        *(line.row(i, *chosen[i.id]) for i in funded),
        *_overlap_rows(frame, measure),
        _sum_row(frame, measure),
    ]
    if unfunded:
        rows += [
            _group(_("Not funded"), len(unfunded)),
            *(line.row(i, i.options[0], None) for i in unfunded),
        ]
    names = ", ".join(p.name for p in own_payers(plan)) or _("all payers")
    return Table(
        title=_("Who is funded"),
        caption=_("1,000 kr., %(prices)s; net of %(payers)s", prices=frame.prices, payers=names),
        columns=_columns(frame, measure),
        rows=tuple(rows),
        source=frame.source,
        total_note=_(
            "What is not funded is shown in its first option at full scale. Citizens are courses: "
            "one person may count in two."
        ),
    )


def _columns(frame: Frame, measure: str | None) -> tuple[Column, ...]:
    periods = Periods(frame.allocation.plan)
    return (
        Column("intervention", _("Intervention")),
        Column("stars", _("Evidence"), "stars"),
        *((Column("citizens", _("Citizens"), "count"),) if measure else ()),
        Column("outlay", _("Outlay"), "thousand"),
        Column("period", _("Net in the period"), "thousand_change", frame.years(periods.budget)),
        Column("after", _("Net afterwards"), "thousand_change", frame.years(periods.after)),
    )


def _group(words: str, count: int) -> Row:
    counted = ngettext("%(num)s intervention", "%(num)s interventions", count)
    return Row((Cell(words, note=counted),), kind="group")


@dataclass(frozen=True, slots=True)
class _Line:
    """Writes one intervention of the table."""

    frame: Frame
    measure: str | None
    address: Address
    whys: Whys

    def row(self, intervention: Intervention, option: Option, scale: Fraction | None) -> Row:
        """Return the line of an intervention; ``scale`` is None where it is not funded."""
        allocation = self.frame.allocation
        appraisal, plan = allocation.appraisal, allocation.plan
        periods, own = Periods(plan), own_purses(plan)
        size = Fraction(1) if scale is None else scale
        amounts = (
            appraisal.outlay(option),
            appraisal.total(option.flows, periods.in_budget(own)),
            appraisal.total(option.flows, periods.afterwards(own)),
        )
        return Row(
            (
                Cell(
                    intervention.title,
                    href=self.address(intervention.id),
                    note=self._note(intervention, option, scale),
                    why=self.whys.interventions.get(intervention.id),
                ),
                Cell(intervention.evidence_stars),
                *((Cell(self._measured(option, size)),) if self.measure else ()),
                *(Cell(size * amount) for amount in amounts),
            ),
            anchor=f"i-{intervention.id}".replace(" ", "-"),
        )

    def _measured(self, option: Option, size: Fraction) -> Fraction | None:
        found = option.measures.get(self.measure or "")
        return None if found is None else size * found.total

    def _note(self, intervention: Intervention, option: Option, scale: Fraction | None) -> str:
        departments = {d.id: d.name for d in self.frame.allocation.plan.departments}
        parts = [intervention.id, departments[intervention.department]]
        if len(intervention.options) > 1 and scale is not None:
            parts.append(option.title or option.id)
        if scale is not None and scale != 1:
            share = formats.percent(scale, language=self.frame.language)
            parts.append(_("%(share)s of full scale", share=share))
        if intervention.force is Force.IN:
            parts.append(_forced(_("forced in"), intervention))
        elif intervention.force is Force.OUT:
            parts.append(_forced(_("kept out"), intervention))
        return " · ".join(parts)


def _forced(words: str, intervention: Intervention) -> str:
    return f"{words}: {intervention.force_reason}" if intervention.force_reason else words


def _overlap_rows(frame: Frame, measure: str | None) -> list[Row]:
    """Return what each pair loses when both are funded, with the reason that was given."""
    titles = {i.id: i.title for i in frame.allocation.plan.interventions}
    empty = (Cell(""), *((Cell(""),) if measure else ()), Cell(""))
    rows = []
    for overlap, period, after in losses_by_overlap(frame.allocation):
        between = " + ".join(titles[key] for key in overlap.interventions)
        note = f"{between}: {overlap.reason}" if overlap.reason else between
        lost = Cell(_("Lost to overlap"), note=note)
        rows.append(Row((lost, *empty, Cell(period), Cell(after))))
    return rows


def _sum_row(frame: Frame, measure: str | None) -> Row:
    allocation = frame.allocation
    own, totals = own_purses(allocation.plan), allocation.payer_totals
    citizens = (Cell(allocation.appraisal.measured(allocation.choice, measure)),) if measure else ()
    return Row(
        (
            Cell(_("In all")),
            Cell(""),
            *citizens,
            Cell(allocation.invested),
            Cell(sum((totals[p].budget_period for p in own), Fraction(0))),
            Cell(sum((totals[p].after for p in own), Fraction(0))),
        ),
        kind="sum",
    )


def uses_by_path(report: AllocationReport) -> Mapping[str, list[Use]]:
    """Return the rows of each limit by its place in the plan."""
    found: dict[str, list[Use]] = {}
    for use in report.results.uses if report.results else ():
        found.setdefault(use.path, []).append(use)
    return found
