"""How sure each choice is: in which of many possible turns it belongs to the best plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from flask_babel import gettext as _

from optimizer import Plan
from planner import formats
from planner.formats import Language
from planner.reports.alternatives import ALWAYS, BORDERLINE, NEVER, SHAPES, standing_words
from planner.reports.chart_panels import Bar, Panel, draw_panels
from planner.reports.goal_words import GoalWords
from planner.reports.moves import moves_cell
from planner.reports.values import Cell, Chart, Column, Row, Table

Json = Any
LEVELS: Final = {ALWAYS: "municipality", BORDERLINE: "state", NEVER: "plain"}


@dataclass(frozen=True, slots=True)
class Turn:
    """One way in which things may turn out, with what is in the best plan then."""

    name: str
    taken: frozenset[str]


@dataclass(frozen=True, slots=True)
class RobustnessReport:
    """The page.

    Parameters
    ----------
    intro : str
        What was varied, and how often.
    chart : Chart
        The share of each intervention, the surest first.
    table : Table
        The same with a word for each, and whether it is in the plan now.
    turns : Table
        Every turn, with what comes and goes in its best plan against the plan now.
    """

    intro: str
    chart: Chart
    table: Table
    turns: Table


def robustness_report(
    document: Mapping[str, Json],
    plan: Plan,
    now: frozenset[str],
    *,
    language: Language,
    source: str,
) -> RobustnessReport:
    """Return the page of a stored document; ``now`` are the interventions that are funded."""
    return _Teller(document, GoalWords(plan, language), now, source).report()


def standing_of(share: Fraction) -> str:
    """Return the word of a share: in all of the best plans, in some, in none.

    >>> standing_of(Fraction(1)), standing_of(Fraction(1, 3)), standing_of(Fraction(0))
    ('always', 'borderline', 'never')
    """
    if share == 1:
        return ALWAYS
    return BORDERLINE if share else NEVER


@dataclass(frozen=True, slots=True)
class _Teller:
    document: Mapping[str, Json]
    goal: GoalWords
    now: frozenset[str]
    source: str

    @property
    def turns(self) -> list[Turn]:
        language = self.goal.language
        return [Turn(one[language], frozenset(one["taken"])) for one in self.document["best"]]

    @property
    def shares(self) -> list[tuple[str, Fraction]]:
        """Return the interventions with the most certain first; alike in the plan's order."""
        counts = {n: sum(n in turn.taken for turn in self.turns) for n in self.document["share"]}
        total = len(self.turns)
        return sorted(
            ((name, Fraction(count, total)) for name, count in counts.items()),
            key=lambda one: -one[1],
        )

    def report(self) -> RobustnessReport:
        return RobustnessReport(self.intro(), self.chart(), self.table(), self.turns_table())

    def percent(self, share: Fraction) -> str:
        return formats.percent(share, language=self.goal.language)

    def intro(self) -> str:
        """Say what was varied."""
        tried = len(self.turns) + len(self.document["without_plan"])
        words = {"tried": tried, "asked": self.document["asked"]}
        varied = (
            _("the evidence, the size of the pools and the weights of the goal")
            if self.document["weights"]
            else _("the evidence and the size of the pools; the goal has one part, so no weights")
        )
        said = _(
            "The best plan was found in %(tried)s turns of %(varied)s.", varied=varied, **words
        )
        if tried < words["asked"]:
            said += " " + _(
                "There was no time for more of the %(asked)s that were asked for.", **words
            )
        return said

    def finding(self) -> str:
        """Say how many choices are sure."""
        words = [standing_of(share) for _name, share in self.shares]
        return _(
            "%(always)s interventions are always in, %(never)s never, and %(open)s depend on how "
            "it turns out",
            always=words.count(ALWAYS),
            never=words.count(NEVER),
            open=words.count(BORDERLINE),
        )

    def chart(self) -> Chart:
        """Return a bar for each intervention that is in some best plan."""
        bars = tuple(
            Bar(
                self.goal.title(name),
                share,
                self.percent(share),
                level=LEVELS[standing_of(share)],
            )
            for name, share in self.shares
            if share
        )
        finding = self.finding()
        title = _("Share of the turns")
        return Chart(
            name="robustness",
            finding=finding,
            measure_line=_(
                "Share of the turns in which the best plan has it; "
                "those that it never has are left out"
            ),
            spec=draw_panels(
                [Panel(title, "", bars)], description=finding, language=self.goal.language
            ),
            table=Table(
                title=title,
                caption="",
                columns=(
                    Column("intervention", _("Intervention")),
                    Column("share", title, "percent"),
                ),
                rows=tuple(Row((Cell(self.goal.title(n)), Cell(s))) for n, s in self.shares),
                source=self.source,
            ),
            source=self.source,
        )

    def table(self) -> Table:
        """Return every intervention by how sure it is."""
        return Table(
            title=_("How sure each choice is"),
            caption="",
            columns=(
                Column("intervention", _("Intervention")),
                Column("standing", _("In the best plans")),
                Column("share", _("Share of the turns"), "percent"),
                Column("now", _("In the plan now"), "mark"),
            ),
            rows=tuple(self._row(name, share) for name, share in self.shares),
            source=self.source,
            total_note=_(
                "Always in can be decided now; never in can be dropped; only what is borderline "
                "needs more thought. One turn counts as much as another: the share is no "
                "probability."
            ),
        )

    def _row(self, name: str, share: Fraction) -> Row:
        word = standing_of(share)
        said = f"{SHAPES[word]} {standing_words(word)}"
        return Row((Cell(self.goal.title(name)), Cell(said), Cell(share), Cell(name in self.now)))

    def turns_table(self) -> Table:
        """Return what the best plan is in each turn."""
        without = [
            Row((Cell(_capital(one[self.goal.language])), Cell(None), Cell(_("no plan fits"))))
            for one in self.document["without_plan"]
        ]
        return Table(
            title=_("Every turn"),
            caption="",
            columns=(
                Column("turn", _("If it turns out")),
                Column("funded", _("Interventions"), "count"),
                Column("moves", _("The best plan against this one"), "link"),
            ),
            rows=(*(self._turn(turn) for turn in self.turns), *without),
            source=self.source,
        )

    def _turn(self, turn: Turn) -> Row:
        order = [i.id for i in self.goal.plan.interventions]
        come, go = (
            ", ".join(self.goal.title(name) for name in order if name in names)
            for names in (turn.taken - self.now, self.now - turn.taken)
        )
        return Row((Cell(_capital(turn.name)), Cell(len(turn.taken)), moves_cell(come, go)))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
