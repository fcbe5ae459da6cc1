"""The outcome fund: those who gain share the outlay, and nobody loses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING

from optimizer.appraisal import Appraisal, Choice, Selection
from optimizer.constraints.base import Constraint, constraints
from optimizer.intervention import FlowKind
from optimizer.objectives.base import payer_names
from optimizer.program import Exact, Row, add_terms, exact_sum
from optimizer.quantity import Choice as Word
from optimizer.quantity import quantity
from optimizer.sentence import Sentence

if TYPE_CHECKING:
    from optimizer.compilation import Compilation
    from optimizer.scenario import Plan

GAINS = frozenset({FlowKind.COST, FlowKind.SAVING})
OUTLAY = frozenset({FlowKind.OUTLAY})
MOST_PLAYERS = 12  # the Shapley value looks at every coalition: 2 ** 12 of them


@constraints.register(
    "outcome_fund",
    title=Sentence("Effektfond", "Outcome fund"),
    about=Sentence(
        "De kasser, der får gevinsten, deler udlægget, så ingen af dem taber.",
        "The purses that gain share the outlay, so that none of them loses.",
    ),
    source="Shapley, A value for n-person games (1953), for the split of that name",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFund(Constraint):
    """Options paid by the fund have their outlay paid by contributions, and no payer loses.

    Contributions c_a >= 0 sum to the discounted outlay, and each payer's gain B_a from the fund's
    options, discounted over the horizon and without outlay, is at least its contribution. Such
    contributions exist exactly when  B_a >= 0 for every payer  and  sum_a B_a >= outlay,  which is
    what the rows say. How they are split is shown beside the plan and changes no choice: in
    proportion to gain, c_a = outlay B_a / sum B, or c_a = B_a - the Shapley value of the surplus
    game v(S) = max(0, sum of the gains of S - outlay).
    """

    may_be_soft = False

    fund: str = quantity(
        "fund",
        Sentence("Fond", "Fund"),
        help=Sentence(
            "Muligheder, der betales af fonden, har dette navn som pulje.",
            "Options paid by the fund name it as their pool.",
        ),
    )
    payers: frozenset[str] | None = quantity("payers", Sentence("Kasser", "Purses"))
    split: str = quantity(
        "choice",
        Sentence("Bidrag deles", "Contributions are split"),
        default="proportional",
        choices=(
            Word("proportional", Sentence("efter gevinst", "by gain")),
            Word("shapley", Sentence("efter Shapley-værdi", "by Shapley value")),
        ),
    )

    def rows(self, program: "Compilation") -> Iterator[Row]:
        plan, mine = program.plan, self.options(program.plan)
        total: dict[int, Exact] = {}
        for payer in self.names(plan):
            gain = Selection(payers=frozenset({payer}), kinds=GAINS, discounted=True)
            terms = program.money_of(mine, gain)
            add_terms(total, terms)
            name = plan.payer_by_id[payer].name
            label = Sentence(
                f"{name} taber ikke på effektfonden {self.fund}",
                f"{name} does not lose by the outcome fund {self.fund}",
            )
            yield Row(label=self._named(label), terms=terms, lower=0)
        add_terms(total, program.money_of(mine, Selection(kinds=OUTLAY, discounted=True)))
        names = payer_names(plan, self._listed(plan))
        label = Sentence(
            f"Gevinsten for {names.da} dækker udlægget i effektfonden {self.fund}",
            f"The gain of {names.en} covers the outlay of the outcome fund {self.fund}",
        )
        terms = {v: c for v, c in total.items() if c}
        yield Row(label=self._named(label), terms=terms, lower=0)

    def _named(self, sentence: Sentence) -> Sentence:
        if not self.label:
            return sentence
        return Sentence(f"{self.label}: {sentence.da}", f"{self.label}: {sentence.en}")

    def _listed(self, plan: "Plan") -> list[str] | None:
        return None if self.payers is None else self.names(plan)

    def names(self, plan: "Plan") -> list[str]:
        """Return the payers, in the plan's order."""
        return [p.id for p in plan.payers if self.payers is None or p.id in self.payers]

    def options(self, plan: "Plan") -> tuple[str, ...]:
        """Return the keys of the options that the fund pays, in canonical order."""
        return tuple(sorted(k for k, (_, o) in plan.options.items() if o.pool == self.fund))

    def sentence(self, plan: "Plan") -> Sentence:
        names = payer_names(plan, self._listed(plan))
        return Sentence(
            f"Effektfonden {self.fund}: {names.da} deler udlægget, og ingen af dem taber",
            f"Outcome fund {self.fund}: {names.en} share the outlay and none of them loses",
        )


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one payer gains from the fund's options and puts in, present values in kroner."""

    fund: str
    payer: str
    gain: Fraction
    contribution: Fraction


def contributions(
    fund: OutcomeFund, appraisal: Appraisal, choice: Choice
) -> tuple[Contribution, ...]:
    """Return each payer's contribution; together they are the fund's discounted outlay.

    Of more than twelve payers the Shapley value is not computed; they share in proportion.
    """
    plan = appraisal.plan
    mine = frozenset(fund.options(plan))
    outlay = -appraisal.net(choice, Selection(kinds=OUTLAY, discounted=True), mine)
    gains = {
        payer: appraisal.net(
            choice, Selection(payers=frozenset({payer}), kinds=GAINS, discounted=True), mine
        )
        for payer in fund.names(plan)
    }
    total = exact_sum(gains.values())
    if fund.split == "shapley" and len(gains) <= MOST_PLAYERS:
        surplus = shapley_values(gains, outlay)
        parts = {payer: gain - surplus[payer] for payer, gain in gains.items()}
    else:
        parts = {p: outlay * gain / total if total else Fraction(0) for p, gain in gains.items()}
    return tuple(Contribution(fund.fund, payer, gains[payer], parts[payer]) for payer in gains)


def shapley_values(gains: Mapping[str, Fraction], outlay: Fraction) -> dict[str, Fraction]:
    """Return each payer's Shapley value of v(S) = max(0, sum of the gains of S - outlay).

    >>> values = shapley_values({"kommune": Fraction(6), "stat": Fraction(2)}, Fraction(4))
    >>> [(payer, int(value)) for payer, value in values.items()]
    [('kommune', 3), ('stat', 1)]
    """
    players, count = list(gains), len(gains)
    values = {}
    for player in players:
        others = [p for p in players if p != player]
        value = Fraction(0)
        for size in range(count):
            weight = Fraction(factorial(size) * factorial(count - size - 1), factorial(count))
            for coalition in combinations(others, size):
                before = exact_sum(gains[p] for p in coalition) - outlay
                after = before + gains[player]
                value += weight * (max(Fraction(0), after) - max(Fraction(0), before))
        values[player] = value
    return values
