"""Small cases of plain cash flows that examples and tests show."""

from optimizer.cases.figures import Perspective
from optimizer.intervention import CashFlow, FlowKind
from optimizer.payers import Category, Level, Payer

KOMMUNE = Payer("kommune", "Kommunen", Level.MUNICIPALITY)


def a_saving(
    year: int,
    amount: int,
    *,
    payer: str = "kommune",
    category: Category = Category.SERVICE,
    low: int | None = None,
    high: int | None = None,
) -> CashFlow:
    """Return a saving, certain where ``low`` and ``high`` are not given; kroner."""
    return CashFlow(
        year,
        payer,
        category,
        FlowKind.SAVING,
        amount,
        amount if low is None else low,
        amount if high is None else high,
    )


def an_outlay(year: int, amount: int, *, payer: str = "kommune") -> CashFlow:
    """Return a certain outlay of ``amount``, a positive number of kroner."""
    return CashFlow(year, payer, Category.SERVICE, FlowKind.OUTLAY, -amount, -amount, -amount)


def hjoerring() -> tuple[CashFlow, ...]:
    """Return Hjørring's employment investment of 2015, savings as told to the council in 2019."""
    savings = {2016: 7_300_000, 2017: 69_000_000, 2018: 92_000_000, 2019: 117_000_000}
    return (an_outlay(2015, 125_000_000), *(a_saving(y, s) for y, s in savings.items()))


def years_2015_to_2019() -> Perspective:
    """Return five years of one municipality, undiscounted."""
    return Perspective(2015, (2015, 2019), (KOMMUNE,))
