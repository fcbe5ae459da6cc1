"""The ranking (*rangliste*): what interventions reach, beside what their target group reaches.

An effect of the knowledge shelf states which share of citizens succeeds with the intervention, and
where it is known without it: the target group's line. The distance is the added effect; counts give
its interval (:func:`optimizer.cases.added_effect.added_effect`, Newcombe). A group of fewer than
twenty observed is told in heads, and is not drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from flask_babel import gettext as _
from flask_babel import ngettext

from optimizer.cases.added_effect import AddedEffect, added_effect
from optimizer.shelf import ShelfEffect
from planner import formats
from planner.formats import Language
from planner.reports.chart_ranking import RankedMark, ranking_bars
from planner.reports.intervention_list import danish_order
from planner.reports.values import Cell, Chart, Column, Row, Table

Order = Literal["rate", "effect"]
ORDERS: Final[tuple[Order, ...]] = ("rate", "effect")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One line: an intervention with what it reaches, or the line of a target group.

    Parameters
    ----------
    rate, line : Fraction or None
        Shares of one that succeed with the intervention, and without it; None: not stated.
    counted : AddedEffect or None
        From the counts of both groups; None: not stated.
    used_by : tuple of str
        Titles of the candidates whose case is made with this effect.
    """

    title: str
    href: str = ""
    group: str = ""
    rate: Fraction | None = None
    line: Fraction | None = None
    counted: AddedEffect | None = None
    source: str = ""
    used_by: tuple[str, ...] = ()
    is_line: bool = False

    @property
    def effect(self) -> Fraction | None:
        """The added effect, a share of one; None where one of the rates is not stated."""
        return None if self.rate is None or self.line is None else self.rate - self.line

    @property
    def interval(self) -> tuple[Fraction, Fraction] | None:
        """The interval of the added effect; None where it is not known or heads alone are told."""
        if self.counted is None or self.is_in_heads:
            return None
        return self.counted.interval

    @property
    def is_in_heads(self) -> bool:
        """Whether so few were observed that no share may be shown."""
        return self.counted is not None and self.counted.is_heads_only

    @property
    def is_drawn(self) -> bool:
        """Whether it has a place in the picture."""
        return self.rate is not None and not self.is_in_heads


def ranked_effect(
    effect: ShelfEffect, *, title: str, href: str, source: str, used_by: Sequence[str] = ()
) -> Ranked:
    """Return an effect of the shelf as a line of the list; rates that only counts tell are theirs.

    Parameters
    ----------
    source : str
        With its year, as it is shown.
    """
    mine = _counted(effect.successes_with, effect.observed_with)
    theirs = _counted(effect.successes_without, effect.observed_without)
    return Ranked(
        title=title,
        href=href,
        group=effect.target_group,
        rate=_share(effect.p_with, mine),
        line=_share(effect.p_without, theirs),
        counted=added_effect(*mine, *theirs) if mine and theirs else None,
        source=source,
        used_by=tuple(used_by),
    )


def _counted(successes: int | None, observed: int | None) -> tuple[int, int] | None:
    return None if successes is None or not observed else (successes, observed)


def _share(stated: Fraction | None, counts: tuple[int, int] | None) -> Fraction | None:
    if stated is not None or counts is None:
        return stated
    return Fraction(*counts)


def lines_of(found: Sequence[Ranked]) -> list[Ranked]:
    """Return the line of each target group as lines of the list; groups of heads alone have none.

    Two studies of one group may have measured different lines: each is shown.
    """
    known = {(r.group, r.line): r for r in found if r.line is not None and r.is_drawn}
    return [
        Ranked(title=group, group=group, rate=line, line=line, source=of.source, is_line=True)
        for (group, line), of in known.items()
    ]


@dataclass(frozen=True, slots=True)
class RankingReport:
    """The picture, why it looks as it does, and the same lines as a table.

    Parameters
    ----------
    chart
        None where nothing can be drawn.
    why
        Sentences that answer why some stand above and some below their line.
    """

    chart: Chart | None
    why: tuple[str, ...]
    table: Table
    notes: tuple[str, ...]


def ranking_report(
    found: Sequence[Ranked], *, outcome: str, order: Order, source: str, language: Language
) -> RankingReport:
    """Return picture, answer and table, the best first.

    Ordered by share the target groups' lines stand among the interventions; ordered by added
    effect every line would be nought, so they stand in the picture's marks only.

    Parameters
    ----------
    outcome : str
        What is measured; empty: each intervention its own goal, of which the added effect alone is
        known.
    """
    if not outcome:
        order = "effect"
    rows = [*found, *(lines_of(found) if order == "rate" else [])]
    rows.sort(key=lambda r: danish_order(r.title))
    rows.sort(key=lambda r: _height(r, order), reverse=True)
    return _Teller(rows, outcome, source, language).report()


def own_goal(*, title: str, href: str, group: str, effect: Fraction | None) -> Ranked:
    """Return a candidate as a line of the list of own goals; the line of each of them is nought."""
    line = None if effect is None else Fraction(0)
    return Ranked(title=title, href=href, group=group, rate=effect, line=line)


def _height(ranked: Ranked, order: Order) -> tuple[bool, Fraction]:
    value = ranked.effect if order == "effect" else ranked.rate
    return value is not None and ranked.is_drawn, value or Fraction(0)


@dataclass(frozen=True, slots=True)
class _Teller:
    rows: Sequence[Ranked]
    outcome: str
    source: str
    language: Language

    def report(self) -> RankingReport:
        return RankingReport(self.chart(), tuple(self.why()), self.table(), tuple(self.notes()))

    @property
    def drawn(self) -> list[Ranked]:
        """Return what stands in the picture."""
        return [r for r in self.rows if r.is_drawn]

    @property
    def parted(self) -> list[tuple[Ranked, Fraction]]:
        """Return the interventions whose line is stated, with their added effect."""
        return [(r, r.effect) for r in self.drawn if not r.is_line and r.effect is not None]

    @property
    def alone(self) -> list[Ranked]:
        """Return the interventions of the picture whose line is not stated."""
        return [r for r in self.drawn if not r.is_line and r.effect is None]

    # ---- Words ----

    def percent(self, share: Fraction) -> str:
        """Return a share as percent with at most two decimals: ``22,49 %``."""
        text = formats.measure(share * 100, language=self.language)
        return f"{text}%" if self.language == "en" else f"{text}\N{NO-BREAK SPACE}%"

    def points(self, share: Fraction) -> str:
        """Return a difference of shares in points, with its sign."""
        return formats.number_change(share * 100, decimals=1, language=self.language)

    def finding(self) -> str:
        """Return how many stand above the line, or who stands highest where none is stated."""
        if not self.outcome:
            return _("%(title)s makes the largest difference", title=self.drawn[0].title)
        if self.parted:
            above = sum(effect > 0 for _ranked, effect in self.parted)
            return ngettext(
                "%(num)d of %(all)d stands above its target group's line",
                "%(num)d of %(all)d stand above their target group's line",
                above,
                all=len(self.parted),
            )
        first = self.drawn[0]
        return _(
            "%(title)s stands highest, but no target group's line is stated", title=first.title
        )

    def why(self) -> Iterator[str]:
        """Answer why some stand above the line and some below."""
        if not self.outcome:
            yield _(
                "Each intervention has its own goal, so a place in the list compares how much"
                " difference they make, not what it is worth."
            )
            return
        if self.parted:
            below = sum(effect < 0 for _ranked, effect in self.parted)
            above = sum(effect > 0 for _ranked, effect in self.parted)
            yield _(
                "The line is what the target group reaches without the intervention, and the"
                " distance to it is the added effect: above it (%(above)d) more succeed than"
                " without, below it (%(below)d) fewer.",
                above=above,
                below=below,
            )
        yield from self.turned()
        yield from self.uncertain()
        if self.alone:
            yield ngettext(
                "For %(num)d intervention the line is not stated: its place tells how near its"
                " target group is to the goal beforehand just as much as what the intervention"
                " does.",
                "For %(num)d interventions the line is not stated: their places tell how near"
                " their target groups are to the goal beforehand just as much as what the"
                " interventions do.",
                len(self.alone),
            )

    def turned(self) -> Iterator[str]:
        """Yield the pair that the share and the added effect rank the other way round most."""
        pairs = [
            (theirs - mine, high, low)
            for high, mine in self.parted
            for low, theirs in self.parted
            if (high.rate or 0) > (low.rate or 0) and mine < theirs
        ]
        if not pairs:
            return
        _gap, high, low = max(pairs, key=lambda pair: pair[0])
        yield _(
            "%(high)s stands higher than %(low)s (%(rate)s against %(other)s) and yet has the"
            " smaller added effect (%(effect)s against %(more)s points), because its target group"
            " was nearer to the goal already.",
            high=high.title,
            low=low.title,
            rate=self.percent(high.rate or Fraction(0)),
            other=self.percent(low.rate or Fraction(0)),
            effect=self.points(high.effect or Fraction(0)),
            more=self.points(low.effect or Fraction(0)),
        )

    def uncertain(self) -> Iterator[str]:
        """Yield who may stand where they stand by chance."""
        unsure = [r.title for r, _e in self.parted if r.counted and not r.counted.is_certain]
        if unsure:
            yield _(
                "The interval reaches across the line for %(names)s: the difference may be chance.",
                names=", ".join(unsure),
            )

    def notes(self) -> Iterator[str]:
        """Yield what the reader must know of what is not drawn."""
        heads = [r.title for r in self.rows if r.is_in_heads]
        if heads:
            yield _(
                "Fewer than 20 were observed, so they are told in heads and not drawn: %(names)s.",
                names=", ".join(heads),
            )
        none = [r.title for r in self.rows if r.rate is None and not r.is_in_heads]
        if none:
            yield _(
                "Not drawn, because the effect is not stated as a share: %(names)s.",
                names=", ".join(none),
            )

    # ---- The picture ----

    def chart(self) -> Chart | None:
        """Return the picture; None where nothing can be drawn."""
        if not self.drawn:
            return None
        finding = self.finding()
        spec = ranking_bars(
            self.marks(),
            axis=_("Share that succeeds, %") if self.outcome else _("Added effect, points"),
            description=finding,
            language=self.language,
        )
        return Chart(
            name="ranking",
            finding=finding,
            measure_line=self.measure_line(),
            spec=spec,
            table=self.numbers(),
            source=self.source,
        )

    def measure_line(self) -> str:
        """Return what is drawn, and how it is read."""
        if not self.outcome:
            return _(
                "Extra successes per 100 citizens. The line is nought: as many as without the"
                " intervention."
            )
        if not self.parted:
            return _(
                "Share of the citizens: %(outcome)s. Ring: no line of the target group is stated.",
                outcome=self.outcome,
            )
        return _(
            "Share of the citizens: %(outcome)s. The stroke is the target group's line, the bar"
            " the added effect (outlined: below the line), the thin line its interval of 95 out of"
            " 100. Ring: no line is stated.",
            outcome=self.outcome,
        )

    def marks(self) -> list[RankedMark]:
        """Return the marks in the order of the list, each under a name of its own."""
        marks: list[RankedMark] = []
        for ranked in self.drawn:
            label, line, rate = self.name(ranked), ranked.line, ranked.rate or Fraction(0)
            same = sum(mark.label.partition(" · ")[0] == label for mark in marks)
            low, high = ranked.interval or (None, None)
            marks.append(
                RankedMark(
                    label=f"{label} · {same + 1}" if same else label,
                    value=rate * 100,
                    line=None if line is None else line * 100,
                    low=None if low is None or line is None else (line + low) * 100,
                    high=None if high is None or line is None else (line + high) * 100,
                    text=self.figure(ranked),
                    said=self.said(ranked),
                    href=ranked.href,
                    is_line=ranked.is_line,
                )
            )
        return marks

    def name(self, ranked: Ranked) -> str:
        """Return what a line is called."""
        if ranked.is_line:
            return _("Without: %(group)s", group=ranked.group)
        return ranked.title

    def figure(self, ranked: Ranked) -> str:
        """Return the share, and the added effect where it is known."""
        if not self.outcome:
            return self.points(ranked.rate or Fraction(0))
        share = self.percent(ranked.rate or Fraction(0))
        if ranked.is_line or ranked.effect is None:
            return share
        return f"{share} ({self.points(ranked.effect)})"

    def said(self, ranked: Ranked) -> str:
        """Return what stands beside a mark that is pointed at."""
        parts = [self.percent(ranked.rate or Fraction(0))] if self.outcome else []
        if not ranked.is_line and ranked.effect is not None:
            parts.append(_("added effect %(points)s points", points=self.points(ranked.effect)))
        if ranked.interval:
            parts.append(self.interval(ranked))
        parts += [ranked.source] if ranked.source else []
        return f"{self.name(ranked)}: {', '.join(parts)}"

    def interval(self, ranked: Ranked) -> str:
        """Return the interval of the added effect in points; empty where it is not known."""
        if ranked.interval is None:
            return ""
        low, high = (self.points(end) for end in ranked.interval)
        return _("from %(low)s to %(high)s", low=low, high=high)

    # ---- The tables ----

    def numbers(self) -> Table:
        """Return what is drawn, in the order of the picture."""
        return Table(
            title=_("The numbers of the picture"),
            caption="",
            columns=(Column("title", _("Intervention")), *self.columns()[:3]),
            rows=tuple(Row((Cell(self.name(r)), *self.cells(r))) for r in self.drawn),
        )

    def cells(self, ranked: Ranked) -> tuple[Cell, ...]:
        """Return share, line and added effect; a target group's line has only the line."""
        line, effect = Cell(_hundred(ranked.line)), Cell(_hundred(ranked.effect))
        if not self.outcome:
            return (effect,)
        if ranked.is_line:
            return Cell(None), line, Cell(None)
        return Cell(_hundred(ranked.rate)), line, effect

    def table(self) -> Table:
        """Return every line with its figures and its source, also what is not drawn."""
        return Table(
            title=_("The ranking as a table"),
            caption=_("Share of the citizens in percent: %(outcome)s.", outcome=self.outcome)
            if self.outcome
            else _("Extra successes per 100 citizens."),
            columns=(Column("title", _("Intervention"), "link"), *self.columns()),
            rows=tuple(self.row(r) for r in self.rows),
        )

    def columns(self) -> tuple[Column, ...]:
        """Return the columns of figures; of own goals only the added effect is known."""
        effect = Column("effect", _("Added effect, points"), "decimal")
        if not self.outcome:
            return (effect,)
        return (
            Column("rate", _("With it, %"), "decimal"),
            Column("line", _("Target group's line, %"), "decimal"),
            effect,
            Column("interval", _("Interval, points"), "link"),
            Column("source", _("Source"), "link"),
        )

    def row(self, ranked: Ranked) -> Row:
        """Return one line of the table; a small group in heads alone."""
        used = _("Used by %(names)s", names=", ".join(ranked.used_by)) if ranked.used_by else ""
        note = " · ".join(part for part in (ranked.group, used) if part)
        title = Cell(
            self.name(ranked), href=ranked.href or None, note=None if ranked.is_line else note
        )
        if not self.outcome:
            return Row((title, Cell(_hundred(ranked.effect))))
        source = Cell(ranked.source or None)
        if ranked.counted is None or not ranked.is_in_heads:
            told = self.interval(ranked)
            return Row((title, *self.cells(ranked), Cell(told or None), source))
        heads = Cell(ranked.counted.sentence().say(self.language))
        return Row((title, Cell(None), Cell(None), Cell(None), heads, source))


def _hundred(share: Fraction | None) -> Fraction | None:
    return None if share is None else share * 100
