"""The pictures of an allocation, each with the same numbers as a table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from flask_babel import gettext as _

from optimizer import Allocation, InvestmentPool, Selection
from optimizer.allocation import PoolYear
from optimizer.appraisal import first_year_that_stays
from optimizer.relations import Overlap
from planner import formats
from planner.formats import Language
from planner.reports import charts
from planner.reports.stored import Periods, own_payers, own_purses
from planner.reports.values import Cell, Chart, Column, Row, Table

Exact = int | Fraction


@dataclass(frozen=True, slots=True)
class Frame:
    """What all pictures of one allocation share."""

    allocation: Allocation
    language: Language
    source: str

    @property
    def prices(self) -> str:
        """Return the price year in words."""
        return _("%(year)s prices", year=self.allocation.plan.price_year)

    def million(self, amount: Exact) -> str:
        """Return an amount in millions with its unit."""
        return formats.say_million(amount, language=self.language)

    def years(self, span: tuple[int, int] | None) -> str:
        """Return a span of years."""
        return formats.NONE if span is None else formats.years(*span, language=self.language)

    def table(
        self, title: str, columns: Iterable[Column], rows: Iterable[Row], *, note: str = ""
    ) -> Table:
        """Return the table below a picture, in 1,000 kr."""
        return Table(
            title=title,
            caption=_("1,000 kr., %(prices)s; plus is into the purse", prices=self.prices),
            columns=tuple(columns),
            rows=tuple(rows),
            source=self.source,
            total_note=note,
        )


def whole(amount: Exact) -> int:
    """Return an amount in whole kroner, for the pen."""
    return formats.rounded(amount)


def moves_money(allocation: Allocation) -> bool:
    """Say whether any purse pays or gets anything in any year: some plans are of other goods."""
    nets = (
        allocation.appraisal.net_by_year(allocation.choice, Selection(payers=frozenset({payer.id})))
        for payer in allocation.plan.payers
    )
    return any(any(by_year.values()) for by_year in nets)


# ---- Who gets the gain ----


def payer_chart(frame: Frame) -> Chart:
    """Return each payer's net inside the budget period and after it."""
    allocation = frame.allocation
    periods = Periods(allocation.plan)
    totals = allocation.payer_totals
    amounts = [
        charts.PayerAmount(
            payer=payer.name,
            level=payer.level.value,
            period=whole(totals[payer.id].budget_period),
            after=whole(totals[payer.id].after),
        )
        for payer in allocation.plan.payers
    ]
    finding = _payer_finding(frame)
    return Chart(
        name="payers",
        finding=finding,
        measure_line=_("Net by payer, million kr., %(prices)s; plus is into the purse")
        % {"prices": frame.prices},
        spec=charts.payer_bars(
            amounts,
            period=frame.years(periods.budget),
            after=frame.years(periods.after),
            description=finding,
            language=frame.language,
        ),
        table=_payer_table(frame, periods),
        source=frame.source,
    )


def _payer_finding(frame: Frame) -> str:
    allocation = frame.allocation
    totals, own = allocation.payer_totals, own_purses(allocation.plan)
    mine = sum((totals[p].horizon for p in own), Fraction(0))
    soon = sum((totals[p].budget_period for p in own), Fraction(0))
    later = sum((totals[p].after for p in own), Fraction(0))
    others = sum((t.horizon for p, t in totals.items() if p not in own), Fraction(0))
    names = ", ".join(p.name for p in own_payers(allocation.plan)) or _("All payers")
    if mine < 0 < others:
        return _("%(payer)s pays, and others get the gain", payer=names)
    if mine > 0 and others > mine:
        return _("More than half of the gain goes to others than %(payer)s", payer=names)
    if soon < 0 < later:
        return _("%(payer)s pays in the budget period and gets it back afterwards", payer=names)
    return _(
        "%(payer)s nets %(amount)s in all",
        payer=names,
        amount=formats.say_million_change(mine, language=frame.language),
    )


def _payer_table(frame: Frame, periods: Periods) -> Table:
    plan, totals = frame.allocation.plan, frame.allocation.payer_totals
    has_before = plan.horizon[0] < plan.budget_year
    keys = [*(["before"] if has_before else []), "budget_period", "after", "horizon", "discounted"]
    labels = {
        "before": _("Before it"),
        "budget_period": _("In the budget period"),
        "after": _("After it"),
        "horizon": _("In all"),
        "discounted": _("Discounted"),
    }
    notes = {
        "before": frame.years((plan.horizon[0], plan.budget_year - 1)),
        "budget_period": frame.years(periods.budget),
        "after": frame.years(periods.after),
    }
    columns = [
        Column("payer", _("Payer")),
        *(Column(k, labels[k], "thousand_change", note=notes.get(k, "")) for k in keys),
    ]
    rows = [
        Row((Cell(p.name), *(Cell(getattr(totals[p.id], key)) for key in keys)))
        for p in plan.payers
    ]
    sums = [sum((getattr(t, key) for t in totals.values()), Fraction(0)) for key in keys]
    rows.append(Row((Cell(_("In all")), *(Cell(amount) for amount in sums)), kind="sum"))
    return frame.table(_("Net by payer"), columns, rows)


# ---- Money by year ----


def money_chart(frame: Frame) -> Chart:
    """Return what each payer pays or gets, year by year."""
    allocation = frame.allocation
    plan = allocation.plan
    by_payer = {
        payer.id: allocation.appraisal.net_by_year(
            allocation.choice, Selection(payers=frozenset({payer.id}))
        )
        for payer in plan.payers
    }
    amounts = [
        charts.BarYear(year, payer.name, payer.level.value, whole(by_payer[payer.id][year]))
        for payer in plan.payers
        for year in plan.years
    ]
    finding = _money_finding(frame)
    columns = [
        Column("payer", _("Payer")),
        *(_year_column(year, frame) for year in plan.years),
        Column("total", _("In all"), "thousand_change"),
    ]
    rows = [_year_row(p.name, [by_payer[p.id][y] for y in plan.years]) for p in plan.payers]
    sums = [sum((by_payer[p.id][y] for p in plan.payers), Fraction(0)) for y in plan.years]
    rows.append(_year_row(_("In all"), sums, kind="sum"))
    return Chart(
        name="money",
        finding=finding,
        measure_line=_("Net by year and payer, million kr., %(prices)s; plus is into the purse")
        % {"prices": frame.prices},
        spec=charts.bars_by_year(amounts, description=finding, language=frame.language),
        table=frame.table(_("Net by year and payer"), columns, rows),
        source=frame.source,
    )


def _money_finding(frame: Frame) -> str:
    allocation = frame.allocation
    plan, own = allocation.plan, own_purses(allocation.plan)
    names = ", ".join(p.name for p in own_payers(plan)) or _("All payers")
    by_year = allocation.appraisal.net_by_year(allocation.choice, Selection(payers=own))
    so_far, cumulative = Fraction(0), {}
    for year in plan.years:
        so_far += by_year[year]
        cumulative[year] = so_far
    paid_back = first_year_that_stays(cumulative)
    if paid_back is None:
        return _("%(payer)s is not paid back by %(year)s", payer=names, year=plan.horizon[1])
    if all(amount >= 0 for amount in cumulative.values()):
        return _("%(payer)s is never out of pocket", payer=names)
    return _("%(payer)s is paid back in %(year)s", payer=names, year=paid_back)


def _year_column(year: int, frame: Frame) -> Column:
    first, last = frame.allocation.plan.budget_period
    return Column(str(year), str(year), "thousand_change", tint=first <= year <= last)


def _year_row(name: str, amounts: list[Fraction], *, kind: str = "normal") -> Row:
    cells = (Cell(name), *(Cell(a) for a in amounts), Cell(sum(amounts, Fraction(0))))
    return Row(cells, kind="sum" if kind == "sum" else "normal")


# ---- The pool ----


def pool_charts(frame: Frame) -> tuple[Chart, ...]:
    """Return every pool, year by year."""
    pools = frame.allocation.plan.scenario.pools
    return tuple(_pool_chart(pool, place, frame) for place, pool in enumerate(pools))


def _pool_chart(pool: InvestmentPool, place: int, frame: Frame) -> Chart:
    years = list(_shown_years(frame.allocation.pools[pool.id], frame.allocation.plan.budget_period))
    finding = _pool_finding(pool, years, frame)
    line = (
        _("%(pool)s: paid in, repaid, outlay and balance, million kr., %(prices)s")
        if pool.paid_in is not None
        else _("%(pool)s: outlay, and what is left of the amount, million kr., %(prices)s")
    )
    return Chart(
        name="pool" if place == 0 else f"pool-{place + 1}",
        finding=finding,
        measure_line=line % {"pool": pool.name, "prices": frame.prices},
        spec=charts.pool_balance(
            [
                charts.PoolYear(
                    year=y.year,
                    paid_in=y.paid_in,
                    repaid=whole(y.repaid),
                    outlay=whole(y.outlay),
                    balance=whole(y.balance),
                )
                for y in years
            ],
            description=finding,
            language=frame.language,
        ),
        table=_pool_table(pool, years, frame),
        source=frame.source,
    )


def _shown_years(years: tuple[PoolYear, ...], budget: tuple[int, int]) -> Iterator[PoolYear]:
    """Yield the budget period, and as far beyond it as money moves."""
    moving = [y.year for y in years if y.paid_in or y.outlay or y.repaid]
    first = min([budget[0], *moving])
    last = max([budget[1], *moving])
    return (y for y in years if first <= y.year <= last)


def _pool_finding(pool: InvestmentPool, years: list[PoolYear], frame: Frame) -> str:
    spent = sum((y.outlay for y in years), Fraction(0))
    if pool.total is not None:
        if not spent:
            return _("%(pool)s is not used", pool=pool.name)
        return _(
            "%(spent)s of %(total)s in %(pool)s is used",
            spent=formats.million(spent, language=frame.language),
            total=frame.million(pool.total),
            pool=pool.name,
        )
    lowest = min(years, key=lambda y: y.balance)
    after = [y for y in years if y.year > lowest.year]
    small = pool.amount * Fraction(1, 50)
    start = (
        _("%(pool)s is used up in %(year)s", pool=pool.name, year=lowest.year)
        if lowest.balance <= small
        else _(
            "%(pool)s is lowest in %(year)s, with %(left)s left",
            pool=pool.name,
            year=lowest.year,
            left=frame.million(lowest.balance),
        )
    )
    if after and after[-1].balance > lowest.balance + small:
        return _("%(start)s and grows again afterwards", start=start)
    return start


def _pool_table(pool: InvestmentPool, years: list[PoolYear], frame: Frame) -> Table:
    columns = [
        Column("line", _("Pool")),
        *(Column(str(y.year), str(y.year), "thousand") for y in years),
        Column("total", _("In all"), "thousand"),
    ]

    def line(name: str, amounts: list[Exact]) -> Row:
        return Row((Cell(name), *(Cell(a) for a in amounts), Cell(sum(amounts, Fraction(0)))))

    rows = []
    if pool.paid_in is not None:
        rows.append(line(_("Paid in"), [y.paid_in or 0 for y in years]))
    rows.append(line(_("Outlay"), [-y.outlay for y in years]))
    if pool.repayment is not None:
        rows.append(line(_("Repaid"), [y.repaid for y in years]))
    name = _("Balance at the end of the year") if pool.paid_in is not None else _("Left at the end")
    rows.append(Row((Cell(name), *(Cell(y.balance) for y in years), Cell("")), kind="sum"))
    return frame.table(pool.name, columns, rows)


# ---- Departments ----


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    """What one department lays out, and what the municipality nets by it, kroner."""

    name: str
    outlay: Fraction
    period: Fraction
    after: Fraction


def department_chart(frame: Frame) -> Chart:
    """Return what each department lays out, and what its interventions net for the municipality."""
    lines = list(_departments(frame))
    periods = Periods(frame.allocation.plan)
    finding = _department_finding(lines, frame)
    return Chart(
        name="departments",
        finding=finding,
        measure_line=_("Outlay and the municipality's net, million kr., %(prices)s")
        % {"prices": frame.prices},
        spec=charts.department_bars(
            [
                charts.DepartmentAmount(
                    line.name, whole(line.outlay), whole(line.period), whole(line.after)
                )
                for line in lines
            ],
            period=frame.years(periods.budget),
            after=frame.years(periods.after),
            description=finding,
            language=frame.language,
        ),
        table=_department_table(lines, frame),
        source=frame.source,
    )


def _departments(frame: Frame) -> Iterator[DepartmentLine]:
    """Yield a line for each department with a candidate."""
    allocation = frame.allocation
    plan, appraisal = allocation.plan, allocation.appraisal
    periods, own = Periods(plan), own_purses(plan)
    sums: dict[str, list[Fraction]] = {
        d.id: [Fraction(0)] * 3
        for d in plan.departments
        if any(i.department == d.id for i in plan.interventions)
    }
    for _key, intervention, option, scale in appraisal.chosen(allocation.choice):
        mine = sums[intervention.department]
        parts = (
            Fraction(appraisal.outlay(option)),
            appraisal.total(option.flows, periods.in_budget(own)),
            appraisal.total(option.flows, periods.afterwards(own)),
        )
        for place, part in enumerate(parts):
            mine[place] += scale * part
    names = {d.id: d.name for d in plan.departments}
    for key, (outlay, period, after) in sums.items():
        yield DepartmentLine(names[key], outlay, period, after)


def losses_by_overlap(allocation: Allocation) -> list[tuple[Overlap, Fraction, Fraction]]:
    """Return the overlaps of the funded, and what each loses in the budget period and after it.

    Those that take nothing from the municipality itself are left out.
    """
    periods, own = Periods(allocation.plan), own_purses(allocation.plan)
    found = [
        (
            overlap,
            allocation.appraisal.total(overlap.flows(), periods.in_budget(own)),
            allocation.appraisal.total(overlap.flows(), periods.afterwards(own)),
        )
        for overlap in allocation.appraisal.active_overlaps(allocation.choice)
    ]
    return [one for one in found if one[1] or one[2]]


def overlap_losses(allocation: Allocation) -> tuple[Fraction, Fraction]:
    """Return what the municipality loses to overlaps in the budget period and after it."""
    lost = losses_by_overlap(allocation)
    zero = Fraction(0)
    return sum((one[1] for one in lost), zero), sum((one[2] for one in lost), zero)


def _department_finding(lines: list[DepartmentLine], frame: Frame) -> str:
    invested = sum((line.outlay for line in lines), Fraction(0))
    if not invested:
        return _("No department is funded")
    most = max(lines, key=lambda line: line.outlay)
    return _(
        "%(department)s gets most: %(outlay)s of %(all)s",
        department=most.name,
        outlay=formats.million(most.outlay, language=frame.language),
        all=frame.million(invested),
    )


def _department_table(lines: list[DepartmentLine], frame: Frame) -> Table:
    columns = [
        Column("department", _("Department")),
        Column("outlay", _("Outlay"), "thousand"),
        Column("period", _("Net in the budget period"), "thousand_change"),
        Column("after", _("Net after it"), "thousand_change"),
    ]
    rows = [
        Row((Cell(line.name), Cell(line.outlay), Cell(line.period), Cell(line.after)))
        for line in lines
    ]
    lost = overlap_losses(frame.allocation)
    if any(lost):
        rows.append(Row((Cell(_("Lost to overlaps")), Cell(None), Cell(lost[0]), Cell(lost[1]))))
    total = (
        Cell(sum((line.outlay for line in lines), Fraction(0))),
        Cell(sum((line.period for line in lines), lost[0])),
        Cell(sum((line.after for line in lines), lost[1])),
    )
    rows.append(Row((Cell(_("In all")), *total), kind="sum"))
    return frame.table(_("By department"), columns, rows)
