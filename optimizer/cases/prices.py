"""Price levels: kroner of one year in kroner of another; and the discount steps of the state.

p(target year) = p(source year) * index(target) / index(source)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from optimizer.cases.errors import CaseError
from optimizer.cases.frozen import Frozen, freeze
from optimizer.scenario import DiscountStep
from optimizer.sentence import Sentence, rounded


@dataclass(frozen=True, slots=True)
class PriceLevels:
    """An index of the price level by year, with its source.

    No table is built in: the municipality enters the one that it budgets with.

    Parameters
    ----------
    index : mapping of year to Fraction
        Any base; only ratios count. Above 0.
    source : str
        Who publishes it, and when.

    Examples
    --------
    >>> levels = PriceLevels({2025: Fraction(100), 2026: Fraction(103)}, "opdigtet eksempel")
    >>> levels.in_prices_of(2026, Fraction(1000), price_year=2025)
    Fraction(1030, 1)
    >>> levels.kroner(2025, 1000, price_year=2026)
    971
    """

    index: Mapping[int, Fraction]
    source: str = ""

    def __post_init__(self) -> None:
        freeze(self, "index")

    def factor(self, price_year: int, target: int) -> Fraction:
        """Return index(target) / index(price_year); 1 between a year and itself.

        Raises
        ------
        CaseError
            A year stands not in the table.
        """
        if price_year == target:
            return Fraction(1)
        for year in (price_year, target):
            if year not in self.index:
                raise CaseError(self.missing(year))
        return Fraction(self.index[target]) / self.index[price_year]

    def missing(self, year: int) -> Sentence:
        """Return the sentence that says that the table lacks a year."""
        years = f"{min(self.index)}–{max(self.index)}" if self.index else ""
        return Sentence(
            f"Prisniveauet {year} står ikke i pristabellen ({years or 'tabellen er tom'}).",
            f"The price level {year} is not in the index table ({years or 'it is empty'}).",
        )

    def in_prices_of(self, target: int, kroner: Fraction | int, *, price_year: int) -> Fraction:
        """Return kroner of ``price_year`` in kroner of ``target``, exactly."""
        return kroner * self.factor(price_year, target)

    def kroner(self, target: int, kroner: Fraction | int, *, price_year: int) -> int:
        """Return kroner of ``price_year`` in whole kroner of ``target``, half away from zero."""
        return int(rounded(self.in_prices_of(target, kroner, price_year=price_year)))


#: of a municipality that enters everything in one price year
NO_LEVELS = PriceLevels(Frozen({}))


@dataclass(frozen=True, slots=True)
class DiscountSchedule:
    """The rates that the Danish Ministry of Finance published in a year, valid until the next.

    Examples
    --------
    >>> [(s.after_year, float(s.rate)) for s in discount_schedule(2026).steps]
    [(0, 0.035), (35, 0.025), (70, 0.015)]
    """

    published: int
    steps: tuple[DiscountStep, ...]
    source: str


def _steps(*rates: str) -> tuple[DiscountStep, ...]:
    """Return the rates of years 0-35, 36-70 and after."""
    return tuple(DiscountStep(n, Fraction(r)) for n, r in zip((0, 35, 70), rates, strict=True))


#: oldest first
DISCOUNT_SCHEDULES = (
    DiscountSchedule(
        2013,
        _steps("0.04", "0.03", "0.02"),
        "Finansministeriet: Ny og lavere samfundsøkonomisk diskonteringsrente, 31. maj 2013",
    ),
    DiscountSchedule(
        2021,
        _steps("0.035", "0.025", "0.015"),
        "Finansministeriet: Dokumentationsnotat – den samfundsøkonomiske diskonteringsrente, "
        "7. januar 2021",
    ),
    DiscountSchedule(
        2023,
        _steps("0.035", "0.025", "0.015"),
        "Finansministeriet: Nøgletalskatalog, 2023",
    ),
)


def discount_schedule(year: int) -> DiscountSchedule:
    """Return the rates that were the newest published in ``year``.

    Raises
    ------
    CaseError
        The year is before the first publication that is known here.

    Examples
    --------
    >>> discount_schedule(2020).published, float(discount_schedule(2020).steps[0].rate)
    (2013, 0.04)
    """
    known = [schedule for schedule in DISCOUNT_SCHEDULES if schedule.published <= year]
    if not known:
        first = DISCOUNT_SCHEDULES[0].published
        raise CaseError(
            Sentence(
                f"Diskonteringsrenten kendes først fra {first}, ikke i {year}.",
                f"The discount rate is known from {first} only, not in {year}.",
            )
        )
    return known[-1]
