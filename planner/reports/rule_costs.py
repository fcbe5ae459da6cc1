"""What the rules that people set cost: each forced choice and each limit, alone and together."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from optimizer import Plan
from planner.formats import Language
from planner.reports.goal_words import GoalWords, exact_or_none
from planner.reports.values import Cell, Column, Row, Table

Json = Any


@dataclass(frozen=True, slots=True)
class RuleCost:
    """What the best plan would gain without a rule, or without several.

    Parameters
    ----------
    cost : Fraction or None
        In the unit of the goal; None where no plan was found without it.
    gap : Fraction or None
        The true cost is at most so much higher; None where that is not known.
    """

    label: str
    is_forced: bool
    cost: Fraction | None
    gap: Fraction | None


@dataclass(frozen=True, slots=True)
class RuleCostsReport:
    """The page; ``table`` is None where nobody has set a rule."""

    finding: str
    goal: str
    table: Table | None


def rule_costs_report(
    document: Mapping[str, Json], plan: Plan, *, language: Language, source: str
) -> RuleCostsReport:
    """Return the page of stored costs."""
    alone = [_cost(one, language) for one in document["alone"]]
    together = _cost(document["together"], language)
    return _Teller(alone, together, GoalWords(plan, language), source).report()


def _cost(one: Mapping[str, Json], language: Language) -> RuleCost:
    return RuleCost(
        label="; ".join(rule[language] for rule in one["rules"]),
        is_forced=all(rule["path"].startswith("interventions") for rule in one["rules"]),
        cost=exact_or_none(one["cost"]),
        gap=exact_or_none(one["gap"]),
    )


@dataclass(frozen=True, slots=True)
class _Teller:
    alone: list[RuleCost]
    together: RuleCost
    goal: GoalWords
    source: str

    def report(self) -> RuleCostsReport:
        if not self.alone:
            finding = _("Nothing is decided beforehand, and no limit is set")
            return RuleCostsReport(finding, self.goal.text, None)
        return RuleCostsReport(self.finding(), self.goal.text, self.table())

    def finding(self) -> str:
        """Say what all rules together cost."""
        cost = self.together.cost
        if cost is None:
            return _("It is not known what the limits and forced choices cost together")
        if not cost:
            return _("The limits and forced choices cost nothing")
        return _(
            "Together the limits and forced choices cost %(cost)s", cost=self.goal.say_amount(cost)
        )

    def table(self) -> Table:
        """Return each rule with its cost, the dearest first, and all together."""
        forced = [one for one in self.alone if one.is_forced]
        limits = [one for one in self.alone if not one.is_forced]
        return Table(
            title=_("What each costs"),
            caption=self.goal.caption,
            columns=(
                Column("rule", _("Limit or forced choice")),
                Column("cost", _("Costs"), self.goal.cost_kind),
            ),
            rows=(
                *self._group(_("Forced choices"), forced),
                *self._group(_("Limits"), limits),
                self._row(self.together, _("All together"), kind="sum"),
            ),
            source=self.source,
            total_note=_(
                "Alone: what the best plan would gain if only this were taken away. All together "
                "is no sum of them: two limits may block the same thing, so that neither alone "
                "costs anything."
            ),
        )

    def _group(self, title: str, costs: list[RuleCost]) -> list[Row]:
        if not costs:
            return []
        dearest = sorted(costs, key=lambda one: -(one.cost or Fraction(0)))
        head = Row((Cell(title),), kind="group")
        return [head, *(self._row(one, one.label) for one in dearest)]

    def _row(self, one: RuleCost, label: str, *, kind: str = "normal") -> Row:
        return Row(
            (Cell(label), Cell(one.cost, note=self._note(one))),
            kind="sum" if kind == "sum" else "normal",
        )

    def _note(self, one: RuleCost) -> str | None:
        if one.cost is None:
            return _("no plan was found without it")
        if one.gap == 0:
            return None
        if one.gap is None:
            return _("at least; not proved")
        most = self.goal.say_amount(one.cost + one.gap)
        return _("at least; at most %(most)s", most=most)
