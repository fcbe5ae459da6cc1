"""Limits on what may go wrong: disappointments, loss in the worst outcomes, chance of loss."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.appraisal import Choice, Selection
from optimizer.constraints.base import Constraint, constraints
from optimizer.constraints.money import AT_LEAST_WORDS, AT_MOST_WORDS
from optimizer.intervention import Case
from optimizer.objectives.base import payer_names
from optimizer.objectives.money import PAYERS
from optimizer.program import Exact, LazyRow, Row, Variable, exact_sum
from optimizer.quantity import quantity
from optimizer.sentence import Sentence, kroner, percent

if TYPE_CHECKING:
    from optimizer.by_outcome import NetByOutcome
    from optimizer.compilation import Compilation
    from optimizer.scenario import Plan

#: the worst twentieth, where nobody asks for another share of the outcomes
USUAL_LEVEL = Fraction(95, 100)
#: unit of the auxiliary falls, kroner: near the size of the flows, so that no digit is lost
UNIT = 2**20
#: what rounding of discounted draws can add up to over the options of a plan, kroner
ROUND_OFF = Fraction(1, 100)


@constraints.register(
    "disappointments",
    title=Sentence("Skuffelser", "Disappointments"),
    about=Sentence(
        "Planen skal stadig give et beløb, når de valgte, der falder mest, ender lavt.",
        "The plan must still give an amount when the chosen that fall most come out low.",
    ),
    source="Bertsimas and Sim, The Price of Robustness, Operations Research 52 (2004)",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Disappointments(Constraint):
    """Even when the ``count`` chosen options that fall most come out at their low, it is enough.

    sum_o expected_o z_o - (sum of the count largest falls) >= at_least, discounted over the
    horizon; the falls by duality:  count * l + sum_i m_i  with  l + m_i >= fall_i(z), l, m >= 0.
    """

    payers: frozenset[str] | None = PAYERS
    at_least: int = quantity("kroner", AT_LEAST_WORDS)
    count: int = quantity("count", Sentence("Antal skuffelser", "Number of disappointments"))

    def rows(self, program: "Compilation") -> Iterator[Row]:
        terms = dict(program.money(Selection(payers=self.payers, discounted=True)))
        falls = self._falls(program)
        if self.count and falls:
            level = program.auxiliary(
                Variable("fall level", 0, None), lambda choice: self._level(falls, choice) / UNIT
            )
            terms[level] = -self.count * UNIT
            for name, fall_of in falls.items():

                def above(choice: Choice, fall_of: Mapping[str, Fraction] = fall_of) -> Fraction:
                    beyond = fall(fall_of, choice) - self._level(falls, choice)
                    return max(Fraction(0), beyond) / UNIT

                beyond = program.auxiliary(Variable(f"fall of {name}", 0, None), above)
                terms[beyond] = -UNIT
                mine = {v: -f for v, f in program.scaled(fall_of).items()}
                program.define({level: UNIT, beyond: UNIT, **mine}, lower=0)
        yield Row(label=self.named(program.plan), terms=terms, lower=self.at_least)

    def _falls(self, program: "Compilation") -> dict[str, dict[str, Fraction]]:
        """Return how much each option falls from expected to low, by intervention; kroner."""
        total = program.appraisal.total
        falls: dict[str, dict[str, Fraction]] = {}
        for key in program.matching(None):
            intervention, option = program.plan.options[key]
            expected, low = (
                total(option.flows, Selection(payers=self.payers, discounted=True, case=case))
                for case in (Case.EXPECTED, Case.LOW)
            )
            if expected > low:
                falls.setdefault(intervention.id, {})[key] = expected - low
        return falls

    def _level(self, falls: Mapping[str, Mapping[str, Fraction]], choice: Choice) -> Fraction:
        """Return the ``count``-th largest fall of a choice, kroner."""
        ordered = sorted((fall(f, choice) for f in falls.values()), reverse=True)
        return ordered[self.count - 1] if self.count <= len(ordered) else Fraction(0)

    def sentence(self, plan: "Plan") -> Sentence:
        names, least = payer_names(plan, self.payers), kroner(self.at_least)
        if self.count == 1:
            da, en = "den valgte, der falder mest, ender", "the chosen one that falls most comes"
        else:
            da = f"de {self.count} valgte, der falder mest, ender"
            en = f"the {self.count} chosen that fall most come"
        return Sentence(
            f"Nettobesparelsen for {names.da} er mindst {least.da}, selv når {da} lavt",
            f"The net saving of {names.en} is at least {least.en} even when {en} out low",
        )


def fall(falls: Mapping[str, Fraction], choice: Choice) -> Fraction:
    """Return the fall of an intervention in a choice: that of its chosen option times scale."""
    return exact_sum(f * choice[k] for k, f in falls.items() if k in choice)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimit(Constraint):
    """A limit that looks at the plan's outcomes, for some payers."""

    payers: frozenset[str] | None = PAYERS


@constraints.register(
    "expected_shortfall",
    title=Sentence("Tab i de dårligste udfald", "Loss in the worst outcomes"),
    about=Sentence(
        "Det gennemsnitlige tab i den dårligste del af udfaldene må højst være et beløb.",
        "The mean loss in the worst share of the outcomes may be at most an amount.",
    ),
    source="Rockafellar and Uryasev, Optimization of Conditional Value-at-Risk (2000)",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedShortfall(RiskLimit):
    """Mean loss in the worst (1 - level) share of outcomes <= at_most.

    The loss of an outcome is minus the portfolio's discounted net saving in it, overlap losses in
    every outcome. The tail may hold a fraction of an outcome. Level 0 is the mean over all
    outcomes, level 1 the worst outcome.

    Kept by cuts: for every set of tail weights w the row  sum_s w_s loss_s <= at_most  must hold;
    those that a plan breaks are added until none is broken.
    """

    level: Fraction = quantity(
        "share",
        Sentence("Niveau", "Level"),
        help=Sentence("0,95 er de dårligste 5 %.", "0.95 is the worst 5 %."),
    )
    at_most: int = quantity("kroner", AT_MOST_WORDS)

    def rows(self, program: "Compilation") -> Iterator[Row]:
        del program
        yield from ()

    def lazy_rows(self, program: "Compilation") -> Iterator[LazyRow]:
        yield ShortfallRow(self, program)

    def sentence(self, plan: "Plan") -> Sentence:
        names, most = payer_names(plan, self.payers), kroner(self.at_most)
        if self.level == 1:
            return Sentence(
                f"Tabet for {names.da} i det dårligste udfald er højst {most.da}",
                f"The loss of {names.en} in the worst outcome is at most {most.en}",
            )
        share = percent(1 - self.level)
        return Sentence(
            f"Tabet for {names.da} i de dårligste {share.da} af udfaldene er i gennemsnit højst "
            f"{most.da}",
            f"The mean loss of {names.en} in the worst {share.en} of outcomes is at most {most.en}",
        )


class ShortfallRow(LazyRow):
    """The expected shortfall of a choice, and the tail cuts that keep it under its limit."""

    def __init__(self, limit: ExpectedShortfall, program: "Compilation") -> None:
        self.limit = limit
        self.label = limit.named(program.plan)
        self.upper = limit.at_most
        self.program = program
        self.draws = program.draws(limit.payers)
        self.tolerance = ROUND_OFF if self.draws.is_rounded else Fraction(0)
        # asked for now, so that the variables of the overlaps exist before the program is solved
        selection = Selection(payers=limit.payers, discounted=True)
        self.overlaps = {v: Fraction(c) for v, c in program.overlap_terms(selection).items()}
        self.scale = tuple(program.scale_variable[key] for key in self.draws.keys)

    def activity(self, values: Sequence[Exact]) -> Fraction:
        """Return the expected shortfall of a choice, recomputed from the draws; kroner."""
        choice = {
            key: Fraction(values[self.program.scale_variable[key]])
            for key, variable in self.program.chosen_variable.items()
            if values[variable]
        }
        net = self.program.net_by_outcome(self.limit.payers, choice)
        return net.expected_shortfall(self.limit.level)

    def cut(self, values: Sequence[float]) -> Row:
        """Return the row of the worst tail at some values, which every plan must keep."""
        # numpy takes a while to load: only for plans that look at outcomes
        from optimizer.by_outcome import losses_of, tail_coefficients  # noqa: PLC0415

        scales = [float(values[variable]) for variable in self.scale]
        losses = losses_of(self.draws, scales, self.overlaps, values)
        means = tail_coefficients(self.draws, losses, self.limit.level)
        terms: dict[int, Exact] = {v: c for v, c in zip(self.scale, means, strict=True) if c}
        terms.update({variable: -loss for variable, loss in self.overlaps.items()})
        if self.softener is not None:
            terms[self.softener] = -1
        return Row(self.label, terms, upper=self.upper, tag="cut")


@constraints.register(
    "chance_of_loss",
    title=Sentence("Risiko for tab", "Chance of loss"),
    about=Sentence(
        "I højst så stor en del af udfaldene giver planen mindre end et beløb.",
        "In at most such a share of the outcomes the plan gives less than an amount.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ChanceOfLoss(RiskLimit):
    """Share of outcomes whose net saving is more than 1 kr. below ``threshold`` <= at_most.

    net_s + M_s b_s >= threshold - 1,  sum_s b_s / S <= at_most,  b_s whole; M_s is the least that
    lets every choice through.
    """

    at_most: Fraction = quantity("share", AT_MOST_WORDS)
    threshold: int = quantity("kroner", Sentence("Mindre end", "Less than"), default=0)

    def rows(self, program: "Compilation") -> Iterator[Row]:
        draws = program.draws(self.payers)
        overlaps = program.overlap_terms(Selection(payers=self.payers, discounted=True))
        floor = self.threshold - 1
        worst_overlap = exact_sum(overlaps.values())
        count: dict[int, Exact] = {}
        for outcome, numerators in enumerate(draws.numerators.tolist()):
            saving = {
                key: Fraction(numerator) / draws.denominator
                for key, numerator in zip(draws.keys, numerators, strict=True)
            }
            least = least_of_each(program, saving) + worst_overlap
            if least >= floor:
                continue  # no choice loses in this outcome

            def is_lost(choice: Choice, outcome: int = outcome) -> int:
                return int(self._is_lost(program, choice)[outcome])

            loses = program.auxiliary(Variable(f"loss {outcome}", 0, 1, integer=True), is_lost)
            count[loses] = Fraction(1, draws.count)
            terms = {**program.scaled(saving), **overlaps, loses: floor - least}
            program.define(terms, lower=floor)
        yield Row(label=self.named(program.plan), terms=count, upper=self.at_most)

    def _is_lost(self, program: "Compilation", choice: Choice) -> Sequence[bool]:
        """Return where a choice loses; with a scale in it, 1 kr. more is let through."""
        net: NetByOutcome = program.net_by_outcome(self.payers, choice)
        let_through = 2 if program.has_scale(choice) else 1
        lost: Sequence[bool] = net.is_below(self.threshold - let_through).tolist()
        return lost

    def sentence(self, plan: "Plan") -> Sentence:
        names, share = payer_names(plan, self.payers), percent(self.at_most)
        amount = kroner(self.threshold)
        if not self.at_most:
            return Sentence(
                f"I intet udfald er nettobesparelsen for {names.da} under {amount.da}",
                f"In no outcome the net saving of {names.en} is below {amount.en}",
            )
        return Sentence(
            f"I højst {share.da} af udfaldene er nettobesparelsen for {names.da} under {amount.da}",
            f"In at most {share.en} of outcomes the net saving of {names.en} is below {amount.en}",
        )


def least_of_each(program: "Compilation", saving: Mapping[str, Fraction]) -> Fraction:
    """Return the least that any choice could save in an outcome, limits aside; kroner."""
    worst: dict[str, Fraction] = {}
    for key, value in saving.items():
        name = program.plan.options[key][0].id
        worst[name] = min(worst.get(name, Fraction(0)), value)
    return exact_sum(worst.values())
