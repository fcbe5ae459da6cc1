"""Other plans that are nearly as good: which choices are settled, and which are open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import ngettext

from optimizer import Plan
from optimizer.intervention import intervention_of
from planner import formats
from planner.formats import Language
from planner.reports.goal_words import GoalWords, choice_of
from planner.reports.moves import moves
from planner.reports.values import Cell, Column, Row, Table
from planner.reports.why import exact

Json = Any
ALWAYS: Final = "always"
BORDERLINE: Final = "borderline"
NEVER: Final = "never"
UNKNOWN: Final = "unknown"
ORDER: Final = (ALWAYS, BORDERLINE, UNKNOWN, NEVER)
SHAPES: Final = {ALWAYS: "●", BORDERLINE: "◐", NEVER: "○", UNKNOWN: "?"}


@dataclass(frozen=True, slots=True)
class NearPlan:
    """One of the plans: the best first."""

    choice: Mapping[str, Fraction]
    objective: Fraction
    differs: int

    @property
    def taken(self) -> frozenset[str]:
        """Return the ids of the interventions in it."""
        return frozenset(intervention_of(key) for key in self.choice)


@dataclass(frozen=True, slots=True)
class Near:
    """The plans that give up at most some per cent of the goal, as they are stored.

    Parameters
    ----------
    standings : mapping
        Intervention id to ``always``, ``borderline``, ``never`` or ``unknown``.
    is_complete : bool
        Whether every plan within that share is among these.
    """

    percent: int
    plans: tuple[NearPlan, ...]
    standings: Mapping[str, str]
    is_complete: bool

    def standing(self, word: str) -> list[str]:
        """Return the interventions of one standing, in the plan's order."""
        return [name for name, one in self.standings.items() if one == word]

    @property
    def undecided(self) -> list[str]:
        """Return the interventions that are not the same in every nearly best plan."""
        return [n for n, one in self.standings.items() if one in {BORDERLINE, UNKNOWN}]


@dataclass(frozen=True, slots=True)
class AlternativesReport:
    """The page.

    Parameters
    ----------
    finding : str
        What it comes to in one sentence.
    plans : Table
        A row a plan, in the order of ``places``.
    matrix : Table
        A row an intervention, a column a plan.
    """

    finding: str
    goal: str
    plans: Table
    matrix: Table


def near_of(document: Mapping[str, Json], percent: int) -> Near | None:
    """Return the stored plans that give up at most ``percent``; None where none were asked for."""
    found = next((one for one in document["within"] if one["percent"] == percent), None)
    if found is None:
        return None
    plans = tuple(
        NearPlan(choice_of(one["choice"]), exact(one["objective"]), one["differs"])
        for one in found["plans"]
    )
    return Near(percent, plans, found["standings"], found["complete"])


def percents_of(document: Mapping[str, Json]) -> list[int]:
    """Return the shares that a stored document has plans for."""
    return [one["percent"] for one in document["within"]]


def plan_name(place: int, percent: int) -> str:
    """Return what a plan is called by itself."""
    return _("plan %(number)s within %(percent)s %%", number=place + 1, percent=percent)


def alternatives_report(
    near: Near, plan: Plan, *, is_proved: bool, language: Language, source: str
) -> AlternativesReport:
    """Return the page of stored plans."""
    return _Teller(near, GoalWords(plan, language), is_proved, source).report()


@dataclass(frozen=True, slots=True)
class _Teller:
    near: Near
    goal: GoalWords
    is_proved: bool
    source: str

    def report(self) -> AlternativesReport:
        return AlternativesReport(self.finding(), self.goal.text, self.plans(), self.matrix())

    def finding(self) -> str:
        """Say how many choices are settled."""
        near = self.near
        if not near.undecided:
            return _(
                "No other choice comes within %(percent)s %% of the best plan",
                percent=near.percent,
            )
        counts = {word: len(near.standing(word)) for word in (ALWAYS, NEVER)}
        return ngettext(
            "Within %(percent)s %% of the best plan %(num)s intervention is a matter of choice; "
            "%(always)s are always in and %(never)s never",
            "Within %(percent)s %% of the best plan %(num)s interventions are a matter of choice; "
            "%(always)s are always in and %(never)s never",
            len(near.undecided),
            percent=near.percent,
            **counts,
        )

    # ---- The plans ----

    def plans(self) -> Table:
        """Return the plans, the best first."""
        return Table(
            title=_("The plans"),
            caption=self.goal.caption,
            columns=(
                Column("plan", _("Plan")),
                Column("goal", _("The goal"), self.goal.kind),
                Column("below", _("Below the best"), self.goal.cost_kind),
                Column("funded", _("Interventions"), "count"),
                Column("moves", _("Against this plan"), "link"),
            ),
            rows=tuple(self._plan(place, one) for place, one in enumerate(self.near.plans)),
            source=self.source,
            total_note=self._note(),
        )

    def _plan(self, place: int, one: NearPlan) -> Row:
        best = self.near.plans[0]
        return Row(
            (
                Cell(self._name(place)),
                Cell(one.objective),
                Cell(best.objective - one.objective),
                Cell(len(one.taken)),
                moves(self.goal.plan, one.choice, best.choice) if place else Cell(""),
            ),
            anchor=f"plan-{place + 1}",
        )

    @staticmethod
    def _name(place: int) -> str:
        return _("Plan %(number)s", number=place + 1) if place else _("This plan")

    def _note(self) -> str:
        said = (
            _("There are no other plans this near.")
            if self.near.is_complete
            else _("There are more plans this near; these are as different as could be found.")
        )
        if not self.is_proved:
            said += " " + _("They are measured from the best plan found, which is not proved.")
        return said

    # ---- The matrix ----

    def matrix(self) -> Table:
        """Return who is in which plan, what is settled first."""
        rows = [
            row
            for word in ORDER
            if self.near.standing(word)
            for row in self._group(word, self.near.standing(word))
        ]
        return Table(
            title=_("Interventions and plans"),
            caption="",
            columns=(
                Column("intervention", _("Intervention")),
                Column("standing", _("In plans this near")),
                *(
                    Column(f"plan-{place + 1}", self._name(place), "mark")
                    for place in range(len(self.near.plans))
                ),
            ),
            rows=tuple(rows),
            source=self.source,
            total_note=_(
                "Always and never hold for every plan this near, also those that are not shown: "
                "they follow from what it costs to take one in or leave it out."
            ),
        )

    def _group(self, word: str, names: Sequence[str]) -> list[Row]:
        said = formats.number(len(names), language=self.goal.language)
        head = Row((Cell(standing_words(word), note=f"({said})"),), kind="group")
        return [head, *(self._intervention(name, word) for name in names)]

    def _intervention(self, name: str, word: str) -> Row:
        return Row(
            (
                Cell(self.goal.title(name)),
                Cell(f"{SHAPES[word]} {standing_words(word)}"),
                *(Cell(name in plan.taken) for plan in self.near.plans),
            )
        )


def standing_words(word: str) -> str:
    """Return what it is called to be in all, some or none of the plans."""
    return {
        ALWAYS: _("Always in"),
        BORDERLINE: _("Borderline"),
        NEVER: _("Never in"),
    }.get(word, _("Not decided in time"))
