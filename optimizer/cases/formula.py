"""The formulas of computed flows in words, with every value filled in, and what was put in.

A formula shows the exact values; the amount after the equals sign is the flow's, rounded to whole
kroner so that the payers' parts add up. It can therefore differ by up to a krone from what a
reader gets with a pocket calculator.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from optimizer.cases.business_case import CostLine, PricedFlow
from optimizer.cases.consequence import Consequence, UnitPrice
from optimizer.cases.effect import EffectRoute
from optimizer.cases.provenance import Given, Provenance
from optimizer.cases.splits import Terms
from optimizer.cases.uncertain import Uncertain
from optimizer.sentence import Sentence, joined, kroner, number, percent, rounded, same

TIMES = " × "


@dataclass(frozen=True, slots=True)
class Term:
    """One start year's contribution to a year: citizens, d_j, units and the payer's share."""

    start: int
    since_start: int
    citizens: Fraction | int
    left: Fraction
    units: Fraction
    share: Fraction


@dataclass(frozen=True, slots=True)
class CostPart:
    """How many times a gross cost and its alternative fall due in a year."""

    times: Fraction
    gross: Uncertain
    alternative: Uncertain


@dataclass(frozen=True, slots=True)
class OfConsequence(Provenance):
    """Citizens x added effect x durability x units x price x share, by start year."""

    route: EffectRoute
    consequence: Consequence
    parts: tuple[Term, ...]
    terms: Terms
    rules: tuple[tuple[Sentence, str], ...]
    amount: Fraction

    @property
    def formula(self) -> Sentence:
        """Return the sum over the start years."""
        shown = [
            self._product(part)
            for part in self.parts
            if part.citizens and part.units and part.share
        ]
        return _equals(_sum(shown), self.amount)

    def _product(self, part: Term) -> Sentence:
        price = self.consequence.price
        return product(
            number(part.citizens),
            _difference(self.route),
            None if part.left == 1 else number(part.left),
            _signed(-part.units, price.unit),
            _exact_kroner(price.kroner.expected),
            price_ratio(price.price_year, self.terms),
            None if part.share == 1 else percent(part.share),
        )

    @property
    def inputs(self) -> tuple[Given, ...]:
        """Return citizens, durability and quantity by start year, rates, price, levels, rules."""
        price = self.consequence.price
        given = [
            *(one for part in self.parts for one in self._of_start(part)),
            *self._rates(),
            _price_given(price),
            *level_given(price.price_year, self.terms),
            *(_rule_given(*rule) for rule in self.rules),
        ]
        return tuple(dict.fromkeys(given))

    def _of_start(self, part: Term) -> Iterable[Given]:
        year, j, source, name = (
            part.start,
            part.since_start,
            self.route.source,
            self.consequence.name,
        )
        yield Given(
            Sentence(f"Borgere, start i {year}", f"Citizens starting in {year}"),
            number(part.citizens),
            source,
        )
        yield Given(
            Sentence(f"Varighed, år {j}", f"Durability, year {j}"), percent(part.left), source
        )
        yield Given(
            Sentence(f"{name} pr. ekstra succes, år {j}", f"{name} per extra success, year {j}"),
            _signed(part.units, self.consequence.price.unit, brackets=False),
            source,
        )

    def _rates(self) -> Iterable[Given]:
        route = self.route
        names = (
            Sentence("Succesrate med indsatsen", "Success rate with the intervention"),
            Sentence("Succesrate uden indsatsen", "Success rate without the intervention"),
        )
        for name, value in zip(names, (route.success, route.without), strict=True):
            yield Given(name, rate(value.expected, is_share=route.is_share), route.source)


@dataclass(frozen=True, slots=True)
class OfCost(Provenance):
    """-(gross - alternative) x price ratio x share; per citizen, times the citizens."""

    cost: CostLine
    parts: tuple[CostPart, ...]
    terms: Terms
    share: Fraction
    rule: tuple[Sentence, str]
    amount: Fraction

    @property
    def formula(self) -> Sentence:
        """Return minus the sum of what falls due, in the case's prices."""
        cost, parts = self.cost, self.parts
        whole = _sum(_cost_term(p, per_citizen=cost.per_citizen is not None) for p in parts)
        is_plain = len(parts) == 1 and not parts[0].alternative.expected
        if is_plain and cost.per_citizen is None:
            minus = Sentence(f"−{whole.da}", f"−{whole.en}")
        else:
            minus = Sentence(f"−({whole.da})", f"−({whole.en})")
        ratio = price_ratio(cost.price_year, self.terms)
        share = None if self.share == 1 else percent(self.share)
        return _equals(product(minus, ratio, share), self.amount)

    @property
    def inputs(self) -> tuple[Given, ...]:
        """Return citizens, gross cost and alternative of each part, price levels and the split."""
        given = [
            *(one for part in self.parts for one in self._of_part(part)),
            *level_given(self.cost.price_year, self.terms),
            _rule_given(*self.rule),
        ]
        return tuple(dict.fromkeys(given))

    def _of_part(self, part: CostPart) -> Iterable[Given]:
        cost = self.cost
        if cost.per_citizen is not None:
            yield Given(Sentence("Borgere", "Citizens"), number(part.times), cost.source)
        yield Given(
            Sentence(f"Bruttoudgift: {cost.name}", f"Gross cost: {cost.name}"),
            _exact_kroner(part.gross.expected),
            cost.source,
        )
        if part.alternative.expected:
            yield Given(
                Sentence("Sparet alternativ", "Cost of the alternative"),
                _exact_kroner(part.alternative.expected),
                cost.source,
            )


@dataclass(frozen=True, slots=True)
class OfDirect(Provenance):
    """The amount as it was entered x the price ratio."""

    line: PricedFlow
    terms: Terms
    amount: int

    @property
    def formula(self) -> Sentence:
        """Return the amount in the case's prices."""
        entered = kroner(self.line.flow.amount)
        ratio = price_ratio(self.line.price_year, self.terms)
        return entered if ratio is None else _equals(product(entered, ratio), self.amount)

    @property
    def inputs(self) -> tuple[Given, ...]:
        """Return the amount as it was entered, and the price levels where they were needed."""
        year = self.line.price_year
        name = Sentence(f"{self.line.name}, p/l {year}", f"{self.line.name}, prices of {year}")
        entered = Given(name, kroner(self.line.flow.amount), self.line.source)
        return (entered, *level_given(year, self.terms))


def _cost_term(part: CostPart, *, per_citizen: bool) -> Sentence:
    net = _exact_kroner(part.gross.expected)
    if part.alternative.expected:
        less = _exact_kroner(part.alternative.expected)
        net = Sentence(f"{net.da} − {less.da}", f"{net.en} − {less.en}")
        net = Sentence(f"({net.da})", f"({net.en})") if per_citizen else net
    return product(number(part.times), net) if per_citizen else net


# ---- words ----


def rate(value: Fraction, *, is_share: bool) -> Sentence:
    """Return a success rate as a percentage, the mean of a score as a number."""
    return percent(value) if is_share else number(value)


def price_ratio(price_year: int, terms: Terms) -> Sentence | None:
    """Return index(target)/index(source) in figures; None within one price year."""
    if price_year == terms.price_year:
        return None
    terms.levels.factor(price_year, terms.price_year)
    above, below = (number(terms.levels.index[year]) for year in (terms.price_year, price_year))
    return Sentence(f"{above.da}/{below.da}", f"{above.en}/{below.en}")


def level_given(price_year: int, terms: Terms) -> list[Given]:
    """Return the two indices of a conversion of prices; nothing within one price year."""
    if price_year == terms.price_year:
        return []
    return [
        Given(
            Sentence(f"Prisindeks {year}", f"Price index {year}"),
            number(terms.levels.index[year]),
            terms.levels.source,
        )
        for year in (price_year, terms.price_year)
    ]


def product(*factors: Sentence | None) -> Sentence:
    """Return the factors with a times sign between them, leaving out those that are None."""
    return joined([factor for factor in factors if factor is not None], TIMES)


def _rule_given(rule: Sentence, source: str) -> Given:
    return Given(Sentence("Fordeling på kasser", "Split between payers"), rule, source)


def _price_given(price: UnitPrice) -> Given:
    entry = f" ({price.entry} v{price.version})" if price.entry else ""
    each = _exact_kroner(price.kroner.expected)
    return Given(
        Sentence(
            f"Pris pr. {price.unit}, p/l {price.price_year}",
            f"Price per {price.unit}, prices of {price.price_year}",
        ),
        each,
        price.source + entry,
    )


def _exact_kroner(value: Fraction) -> Sentence:
    return kroner(value) if value.denominator == 1 else joined([number(value), same("kr.")])


def _signed(value: Fraction, unit: str, *, brackets: bool = True) -> Sentence:
    shown = joined([number(value), same(unit)])
    if value >= 0 or not brackets:
        return shown
    return Sentence(f"({shown.da})", f"({shown.en})")


def _difference(route: EffectRoute) -> Sentence:
    more, less = (
        rate(uncertain.expected, is_share=route.is_share)
        for uncertain in (route.success, route.without)
    )
    return Sentence(f"({more.da} − {less.da})", f"({more.en} − {less.en})")


def _sum(parts: Iterable[Sentence]) -> Sentence:
    found = list(parts)
    return joined(found, " + ") if found else same("0")


def _equals(left: Sentence, amount: Fraction | int) -> Sentence:
    right = kroner(rounded(amount))
    if left == right:
        return right
    return Sentence(f"{left.da} = {right.da}", f"{left.en} = {right.en}")
