"""The risk of a result: what its net saving may turn out to be, and what it hangs on."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from optimizer import Allocation
from optimizer.constraints.risk import USUAL_LEVEL
from optimizer.objectives.base import payer_names
from optimizer.outcome import SampledOutcomes
from planner import formats
from planner.formats import Language
from planner.reports.allocation_charts import Frame
from planner.reports.chart_risk import Bin, bins_of, net_saving_histogram
from planner.reports.values import Cell, Chart, Column, Figure, Row, Table

if TYPE_CHECKING:
    from optimizer.risk import Risk

MOST_OUTCOMES = 5


@dataclass(frozen=True, slots=True)
class WorstOutcome:
    """One of the worst futures: what it comes to, and what each intervention gives in it."""

    title: str
    table: Table


@dataclass(frozen=True, slots=True)
class RiskReport:
    """The whole page.

    Parameters
    ----------
    about : str
        Whose net saving, over how many outcomes, and where those come from.
    """

    about: str
    figures: tuple[Figure, ...]
    histogram: Chart
    contributions: Table
    worst: tuple[WorstOutcome, ...]


def risk_report(allocation: Allocation, *, language: Language, source: str) -> RiskReport | None:
    """Return everything the risk page shows; None where there are no outcomes or no plan."""
    risk = allocation.risk
    if risk is None:
        return None
    levels = tuple(sorted({USUAL_LEVEL, *(level for level, _loss in risk.expected_shortfall)}))
    frame = Frame(allocation, language, source)
    teller = _Teller(allocation, risk, levels, frame, risk.means(allocation.choice))
    return RiskReport(
        about=teller.about(),
        figures=teller.figures(),
        histogram=teller.histogram(),
        contributions=teller.contributions(),
        worst=tuple(
            teller.worst(place, number)
            for place, number in enumerate(risk.worst_outcomes(MOST_OUTCOMES), 1)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Teller:
    """Says what a risk is."""

    allocation: Allocation
    risk: "Risk"
    levels: tuple[Fraction, ...]
    frame: Frame
    means: Mapping[str, Fraction]

    @property
    def language(self) -> Language:
        """Return the reader's language."""
        return self.frame.language

    def about(self) -> str:
        """Return whose net saving it is and where the outcomes come from."""
        plan = self.allocation.plan
        names = payer_names(plan, self.risk.payers).say(self.language)
        count = formats.number(self.risk.outcomes, language=self.language)
        if isinstance(plan.outcomes, SampledOutcomes):
            return _(
                "Net saving of %(payers)s, present value, in %(count)s equally likely futures, "
                "drawn from the low, expected and high estimates of the business cases.",
                payers=names,
                count=count,
            )
        return _(
            "Net saving of %(payers)s, present value, in the %(count)s equally likely futures of "
            "the plan.",
            payers=names,
            count=count,
        )

    # ---- Figures ----

    def figures(self) -> tuple[Figure, ...]:
        """Return mean, chance of loss, and the mean loss in the worst outcomes."""
        risk = self.risk
        unit = _("million kr.")
        return (
            Figure(
                _("Mean"),
                risk.mean,
                "million_change",
                unit=unit,
                note=_(
                    "from %(worst)s to %(best)s",
                    worst=formats.say_million_change(risk.worst, language=self.language),
                    best=formats.say_million_change(risk.best, language=self.language),
                ),
            ),
            Figure(
                _("Chance of not paying back"),
                risk.chance_of_loss,
                "percent",
                note=_("share of the futures with a net saving below nothing"),
            ),
            *(
                Figure(
                    _("Net in %(tail)s", tail=self._tail(level)),
                    -risk.net.expected_shortfall(level),
                    "million_change",
                    unit=unit,
                    note=_("mean; minus is a loss"),
                )
                for level in self.levels
            ),
        )

    def _tail(self, level: Fraction) -> str:
        if level == 1:
            return _("the worst future")
        if level == 0:
            return _("all futures")
        rest = (1 - level) * 100
        share = formats.percent(
            1 - level, decimals=0 if rest.denominator == 1 else 1, language=self.language
        )
        return _("the worst %(share)s", share=share)

    # ---- The distribution ----

    def histogram(self) -> Chart:
        """Return the distribution of the net saving."""
        bins = bins_of(self.risk.net.kroner.tolist())
        finding = self._finding()
        return Chart(
            name="distribution",
            finding=finding,
            measure_line=_(
                "Number of futures by net saving, million kr., %(prices)s, present value",
                prices=self.frame.prices,
            ),
            spec=net_saving_histogram(
                bins, mean=self.risk.mean, description=finding, language=self.language
            ),
            table=self._bins(bins),
            source=self.frame.source,
        )

    def _finding(self) -> str:
        chance = self.risk.chance_of_loss
        if not chance:
            return _("The plan pays back in every future")
        if chance == 1:
            return _("The plan pays back in no future")
        return _(
            "The plan pays back in %(share)s of the futures",
            share=formats.percent(1 - chance, decimals=1, language=self.language),
        )

    def _bins(self, bins: tuple[Bin, ...]) -> Table:
        return Table(
            title=_("Futures by net saving"),
            caption=_("Net saving in million kr., %(prices)s", prices=self.frame.prices),
            columns=(
                Column("net", _("Net saving")),
                Column("count", _("Futures"), "count"),
            ),
            rows=tuple(
                Row(
                    (
                        Cell(
                            _(
                                "%(low)s to %(high)s",
                                low=formats.million_change(one.low, language=self.language),
                                high=formats.million_change(one.high, language=self.language),
                            )
                        ),
                        Cell(one.count),
                    )
                )
                for one in bins
            ),
            source=self.frame.source,
        )

    # ---- What it hangs on ----

    def contributions(self) -> Table:
        """Return each intervention's part of the net saving in the worst outcomes."""
        by_level = [self.risk.contributions(self.allocation.choice, one) for one in self.levels]
        # what hangs on the worst futures most comes first
        keys = sorted(by_level[0], key=lambda key: -by_level[0][key])
        rows = [
            Row((Cell(self._title(key)), *(Cell(-losses[key]) for losses in by_level)))
            for key in keys
        ]
        shift = self.risk.net.shift
        if shift:
            rows.append(Row((Cell(_("Lost to overlaps")), *(Cell(shift) for _l in by_level))))
        rows.append(
            Row(
                (
                    Cell(_("In all")),
                    *(Cell(-self.risk.net.expected_shortfall(level)) for level in self.levels),
                ),
                kind="sum",
            )
        )
        return Table(
            title=_("What the worst futures hang on"),
            caption=_("1,000 kr., %(prices)s, present value", prices=self.frame.prices),
            columns=(
                Column("intervention", _("Intervention")),
                *(
                    Column(f"tail-{place}", _("Net in %(tail)s", tail=self._tail(level)),
                           "thousand_change")
                    for place, level in enumerate(self.levels)
                ),
            ),
            rows=tuple(rows),
            source=self.frame.source,
            total_note=_(
                "Mean net saving of each intervention in the futures that are worst for the whole "
                "plan; the parts add up to the net of the plan in them."
            ),
        )  # fmt: skip

    def _title(self, key: str) -> str:
        intervention, option = self.allocation.plan.options[key]
        if len(intervention.options) > 1 and option.title:
            return f"{intervention.title} · {option.title}"
        return intervention.title

    # ---- The worst ----

    def worst(self, place: int, number: int) -> WorstOutcome:
        """Return one outcome opened: what each intervention gives in it, and expects to give."""
        net, shift = self.risk.net.of(number), self.risk.net.shift
        there = self.risk.of(number, self.allocation.choice)
        apart = {key: there[key] - mean for key, mean in self.means.items()}
        rows = [
            Row(
                (
                    Cell(self._title(key)),
                    Cell(there[key]),
                    Cell(self.means[key]),
                    Cell(apart[key]),
                )
            )
            for key in sorted(apart, key=lambda key: apart[key])
        ]
        if shift:
            rows.append(Row((Cell(_("Lost to overlaps")), Cell(shift), Cell(shift), Cell(0))))
        mean = self.risk.mean
        rows.append(Row((Cell(_("In all")), Cell(net), Cell(mean), Cell(net - mean)), kind="sum"))
        said = formats.say_million_change(net, language=self.language)
        return WorstOutcome(
            _("%(place)s. Net saving %(net)s", place=place, net=said),
            Table(
                title=_("Future %(number)s", number=number + 1),
                caption=_("1,000 kr., %(prices)s, present value", prices=self.frame.prices),
                columns=(
                    Column("intervention", _("Intervention")),
                    Column("net", _("In this future"), "thousand_change"),
                    Column("mean", _("Mean of all"), "thousand_change"),
                    Column("apart", _("Difference"), "thousand_change"),
                ),
                rows=tuple(rows),
                source=self.frame.source,
            ),
        )
