"""Optimism correction: weaker benefits and dearer costs, the more so the weaker the evidence.

Never instead of the case's own figures: both are shown, before and after.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from optimizer.cases.figures import Figures, Perspective, Successes, figures_of
from optimizer.intervention import CashFlow
from optimizer.sentence import Sentence, rounded


@dataclass(frozen=True, slots=True)
class Correction:
    """What is taken off benefits and put on costs at one level of evidence.

    Parameters
    ----------
    benefit : Fraction
        b, from 0 to 1: benefit x (1 - b).
    cost : Fraction
        u, at least 0: cost x (1 + u).

    Raises
    ------
    ValueError
        A part is out of its range.

    Examples
    --------
    >>> Correction(Fraction(1, 4), Fraction(1, 10)).of(1000), Correction().of(1000)
    (750, 1000)
    """

    benefit: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        if not 0 <= self.benefit <= 1 or self.cost < 0:
            message = f"not 0 <= benefit <= 1 and 0 <= cost: {self.benefit}, {self.cost}"
            raise ValueError(message)

    def of(self, kroner: int) -> int:
        """Return an amount into (positive) or out of the purse, corrected; whole kroner."""
        share = 1 - self.benefit if kroner > 0 else 1 + self.cost
        return int(rounded(kroner * share))


#: correction by evidence stars; a table that the user edits
OptimismTable = Mapping[int, Correction]

#: where a table starts before anybody has edited it: illustrative, not measured
STARTING_TABLE: OptimismTable = {
    0: Correction(Fraction(40, 100), Fraction(40, 100)),
    1: Correction(Fraction(25, 100), Fraction(25, 100)),
    2: Correction(Fraction(10, 100), Fraction(10, 100)),
    3: Correction(),
}
STARTING_TABLE_NOTE = Sentence(
    "Satserne er et udgangspunkt til at rette. De er ikke målt.",
    "The rates are a starting point to be edited. They are not measured.",
)


@dataclass(frozen=True, slots=True)
class BeforeAndAfter:
    """The figures as the case has them, and after the correction.

    Examples
    --------
    >>> from optimizer.cases.example_flows import hjoerring, years_2015_to_2019
    >>> both = before_and_after(hjoerring(), years_2015_to_2019(), stars=1)
    >>> int(both.before.net), int(both.after.net), both.after.payback_year
    (160300000, 57725000, 2019)
    """

    correction: Correction
    before: Figures
    after: Figures


def corrected(flows: Iterable[CashFlow], correction: Correction) -> tuple[CashFlow, ...]:
    """Return the flows after the correction, in low, expected and high.

    Savings that are negative are made larger like costs: a correction never helps a case.

    Examples
    --------
    >>> from optimizer.cases.example_flows import a_saving, an_outlay
    >>> flows = corrected([an_outlay(2027, 200), a_saving(2028, 400)], STARTING_TABLE[1])
    >>> [flow.amount for flow in flows]
    [-250, 300]
    """
    return tuple(
        replace(
            flow,
            low=correction.of(flow.low),
            amount=correction.of(flow.amount),
            high=correction.of(flow.high),
        )
        for flow in flows
    )


def before_and_after(
    flows: Iterable[CashFlow],
    perspective: Perspective,
    *,
    stars: int,
    table: OptimismTable = STARTING_TABLE,
    payers: frozenset[str] | None = None,
    successes: Successes | None = None,
) -> BeforeAndAfter:
    """Return the figures before and after the correction for ``stars`` (0-3) of evidence.

    The success rates stay as they are: what is corrected is kroner, not what was observed.
    """
    given = tuple(flows)
    correction = table[stars]
    before, after = (
        figures_of(some, perspective, payers=payers, successes=successes)
        for some in (given, corrected(given, correction))
    )
    return BeforeAndAfter(correction, before, after)
