"""If a pool gets smaller or larger: one order, what each size holds, and what the order costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from optimizer import Plan
from optimizer.intervention import intervention_of
from planner import formats
from planner.formats import Language
from planner.reports.chart_cut_list import SizePoint, cut_list_lines
from planner.reports.drawing import MILLION
from planner.reports.goal_words import GoalWords, choice_of, exact_or_none
from planner.reports.moves import moves_cell
from planner.reports.values import Cell, Chart, Column, Row, Table

Json = Any


@dataclass(frozen=True, slots=True)
class SizeStep:
    """The nested plan at one size of the pool, and the best plan at that size by itself.

    Parameters
    ----------
    amount : int
        Kroner.
    nested, best, cost : Fraction or None
        In the unit of the goal; None where there is no plan.
    enters, leaves : tuple of str
        Against the next size nearer to the pool's own.
    """

    amount: int
    choice: Mapping[str, Fraction]
    nested: Fraction | None
    best: Fraction | None
    cost: Fraction | None
    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    is_proved: bool

    @property
    def taken(self) -> frozenset[str]:
        """Return the ids of the interventions in it."""
        return frozenset(intervention_of(key) for key in self.choice)


@dataclass(frozen=True, slots=True)
class PoolSteps:
    """The nested plans of one pool by ascending size."""

    pool: str
    amount: int
    steps: tuple[SizeStep, ...]


@dataclass(frozen=True, slots=True)
class CutListReport:
    """The page for one pool.

    Parameters
    ----------
    chart : Chart
        Its table is ``sizes`` again, folded.
    sizes : Table
        A row a size.
    order : Table
        A row an intervention, in the order in which they enter.
    """

    goal: str
    chart: Chart
    sizes: Table
    order: Table


def pools_of(document: Mapping[str, Json]) -> tuple[PoolSteps, ...]:
    """Return the stored steps of each pool."""
    return tuple(
        PoolSteps(one["pool"], one["amount"], tuple(_step(step) for step in one["steps"]))
        for one in document["pools"]
    )


def _step(step: Mapping[str, Json]) -> SizeStep:
    return SizeStep(
        amount=step["amount"],
        choice=choice_of(step["choice"]),
        nested=exact_or_none(step["objective"]),
        best=exact_or_none(step["best"]),
        cost=exact_or_none(step["cost"]),
        enters=tuple(step["enters"]),
        leaves=tuple(step["leaves"]),
        is_proved=step["proved"],
    )


def cut_list_report(
    pool: PoolSteps, plan: Plan, *, language: Language, source: str
) -> CutListReport:
    """Return the page of one pool's stored steps."""
    return _Teller(pool, GoalWords(plan, language), source).report()


@dataclass(frozen=True, slots=True)
class _Teller:
    pool: PoolSteps
    goal: GoalWords
    source: str

    def report(self) -> CutListReport:
        return CutListReport(self.goal.text, self.chart(), self.sizes(), self.order())

    def amount(self, value: int) -> str:
        return formats.say_million(value, language=self.goal.language)

    # ---- The picture ----

    def finding(self) -> str:
        """Say what holding to one order costs at most."""
        costs = [(step.cost, step.amount) for step in self.pool.steps if step.cost is not None]
        cost, amount = max(costs, default=(Fraction(0), 0))
        if not cost:
            return _("One order is as good as choosing anew at each size")
        return _(
            "Holding to one order costs at most %(cost)s, at a pool of %(amount)s",
            cost=self.goal.say_amount(cost),
            amount=self.amount(amount),
        )

    def chart(self) -> Chart:
        """Return both lines over the size of the pool."""
        finding = self.finding()
        up = self.goal.axis
        return Chart(
            name="cut-list",
            finding=finding,
            measure_line=_(
                "Up: %(goal)s. Across: %(label)s",
                goal=f"{self.goal.text} ({up})" if up else self.goal.text,
                label=_("The pool's size (million kr.)"),
            ),
            spec=cut_list_lines(
                [self._point(step) for step in self.pool.steps],
                own=self.pool.amount,
                description=finding,
                language=self.goal.language,
            ),
            table=self._numbers(),
            source=self.source,
        )

    def _point(self, step: SizeStep) -> SizePoint:
        said = {
            "amount": self.amount(step.amount),
            "nested": self._said(step.nested),
            "best": self._said(step.best),
        }
        return SizePoint(
            step.amount,
            self._up(step.nested),
            self._up(step.best),
            _("%(amount)s: in one order %(nested)s, best %(best)s", **said),
        )

    def _said(self, value: Fraction | None) -> str:
        return formats.NONE if value is None else self.goal.say(value)

    def _up(self, value: Fraction | None) -> Fraction | None:
        return value / MILLION if value is not None and self.goal.is_money else value

    def _numbers(self) -> Table:
        return Table(
            title=_("The points of the picture"),
            caption=self.goal.caption,
            columns=(Column("amount", _("The pool")), *self._goals()),
            rows=tuple(
                Row((Cell(self.amount(step.amount)), *self._values(step)))
                for step in self.pool.steps
            ),
            source=self.source,
        )

    def _goals(self) -> tuple[Column, ...]:
        return (
            Column("nested", _("In one order"), self.goal.kind),
            Column("best", _("Best at this size"), self.goal.kind),
            Column("cost", _("The order costs"), self.goal.cost_kind),
        )

    @staticmethod
    def _values(step: SizeStep) -> tuple[Cell, ...]:
        none = _("no plan fits")
        return (
            Cell(none if step.nested is None else step.nested),
            Cell(none if step.best is None else step.best),
            Cell(step.cost),
        )

    # ---- The tables ----

    def sizes(self) -> Table:
        """Return what each size holds, and who comes and goes against the size nearer to now."""
        proved = all(step.is_proved for step in self.pool.steps)
        return Table(
            title=_("What each size holds"),
            caption=self.goal.caption,
            columns=(
                Column("amount", _("The pool")),
                *self._goals(),
                Column("funded", _("Interventions"), "count"),
                Column("changes", _("Comes and goes"), "link"),
            ),
            rows=tuple(self._size(step) for step in self.pool.steps),
            source=self.source,
            total_note=_(
                "Who comes and goes is said against the next size nearer to the pool as it is now. "
                "Everything but the pool stays as it is."
            )
            + ("" if proved else " " + _("Not every best plan is proved.")),
        )

    def _size(self, step: SizeStep) -> Row:
        is_now = step.amount == self.pool.amount
        return Row(
            (
                Cell(self.amount(step.amount), note=_("as it is now") if is_now else None),
                *self._values(step),
                Cell(None if step.nested is None else len(step.taken)),
                self._changes(step, is_now=is_now),
            )
        )

    def _changes(self, step: SizeStep, *, is_now: bool) -> Cell:
        if is_now or step.nested is None:
            return Cell("")
        come, go = (
            ", ".join(self.goal.title(name) for name in names)
            for names in (step.enters, step.leaves)
        )
        return moves_cell(come, go)

    def order(self) -> Table:
        """Return who is in from which size on, the first first."""
        known = [step for step in self.pool.steps if step.nested is not None]
        names = [i.id for i in self.goal.plan.interventions]
        since = {
            name: next(step.amount for step in known if name in step.taken)
            for name in names
            if any(name in step.taken for step in known)
        }
        first = known[0].amount if known else 0
        lines = sorted(since, key=lambda name: since[name])
        never = [name for name in names if name not in since]
        return Table(
            title=_("The order"),
            caption="",
            columns=(
                Column("intervention", _("Intervention")),
                Column("since", _("In from a pool of")),
            ),
            rows=(
                *(Row((Cell(self.goal.title(n)), self._since(since[n], first))) for n in lines),
                *(
                    Row((Cell(self.goal.title(n)), Cell(_("not at any of the sizes"))))
                    for n in never
                ),
            ),
            source=self.source,
        )

    def _since(self, amount: int, first: int) -> Cell:
        said = self.amount(amount)
        return Cell(_("%(amount)s or less", amount=said) if amount == first else said)
