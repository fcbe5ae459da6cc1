"""The formulas of computed flows in words, with every value filled in, and what was put in.

A formula shows the exact values; the amount after the equals sign is the flow's, rounded to whole
kroner so that the payers' parts add up. It can therefore differ by up to a krone from what a
reader gets with a pocket calculator.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from optimizer.cases.business_case import CostLine, PricedFlow
from optimizer.cases.consequence import Consequence, UnitPrice
from optimizer.cases.effect import EffectRoute
from optimizer.cases.provenance import Given
from optimizer.cases.splits import Parted, Terms
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


def consequence_formula(
    route: EffectRoute,
    consequence: Consequence,
    parts: Sequence[Term],
    terms: Terms,
    amount: Fraction,
) -> Sentence:
    """Return citizens x added effect x durability x units x price x share, and the sum."""
    price = consequence.price
    shown = [
        product(
            number(term.citizens),
            _difference(route),
            None if term.left == 1 else number(term.left),
            _signed(-term.units, price.unit),
            _exact_kroner(price.kroner.expected),
            price_ratio(price.price_year, terms),
            None if term.share == 1 else percent(term.share),
        )
        for term in parts
        if term.citizens and term.units and term.share
    ]
    return _equals(_sum(shown), amount)


def consequence_inputs(
    route: EffectRoute,
    consequence: Consequence,
    parts: Sequence[Term],
    terms: Terms,
    rules: Sequence[Parted],
) -> tuple[Given, ...]:
    """Return the values that a flow of a consequence used, each with its source."""
    given = []
    for term in parts:
        year, j = term.start, term.since_start
        given += [
            Given(
                Sentence(f"Borgere, start i {year}", f"Citizens starting in {year}"),
                number(term.citizens),
                route.source,
            ),
            Given(
                Sentence(f"Varighed, år {j}", f"Durability, year {j}"),
                percent(term.left),
                route.source,
            ),
            Given(
                Sentence(
                    f"{consequence.name} pr. ekstra succes, år {j}",
                    f"{consequence.name} per extra success, year {j}",
                ),
                _signed(term.units, consequence.price.unit, brackets=False),
                route.source,
            ),
        ]
    given += [
        Given(
            Sentence("Succesrate med indsatsen", "Success rate with the intervention"),
            rate(route.success.expected, is_share=route.is_share),
            route.source,
        ),
        Given(
            Sentence("Succesrate uden indsatsen", "Success rate without the intervention"),
            rate(route.without.expected, is_share=route.is_share),
            route.source,
        ),
        _price_given(consequence.price),
        *level_given(consequence.price.price_year, terms),
        *(_rule_given(rule) for rule in rules),
    ]
    return tuple(dict.fromkeys(given))


def cost_formula(
    parts: Sequence[CostPart],
    cost: CostLine,
    terms: Terms,
    share: Fraction,
    amount: Fraction,
) -> Sentence:
    """Return -(gross - alternative) x price ratio x share; per citizen, times the citizens."""
    shown = []
    for part in parts:
        gross, alternative = part.gross, part.alternative
        net = _exact_kroner(gross.expected)
        if alternative.expected:
            less = _exact_kroner(alternative.expected)
            net = Sentence(f"{net.da} − {less.da}", f"{net.en} − {less.en}")
        if cost.per_citizen is not None:
            inner = Sentence(f"({net.da})", f"({net.en})") if alternative.expected else net
            net = product(number(part.times), inner)
        shown.append(net)
    whole = _sum(shown)
    minus = Sentence(f"−({whole.da})", f"−({whole.en})")
    ratio = price_ratio(cost.price_year, terms)
    return _equals(product(minus, ratio, None if share == 1 else percent(share)), amount)


def cost_inputs(
    parts: Sequence[CostPart],
    cost: CostLine,
    terms: Terms,
    rule: Parted,
) -> tuple[Given, ...]:
    """Return the values that a flow of a cost used, each with its source."""
    given = []
    for part in parts:
        gross, alternative = part.gross, part.alternative
        if cost.per_citizen is not None:
            given.append(Given(Sentence("Borgere", "Citizens"), number(part.times), cost.source))
        given.append(
            Given(
                Sentence(f"Bruttoudgift: {cost.name}", f"Gross cost: {cost.name}"),
                _exact_kroner(gross.expected),
                cost.source,
            )
        )
        if alternative.expected:
            given.append(
                Given(
                    Sentence("Sparet alternativ", "Cost of the alternative"),
                    _exact_kroner(alternative.expected),
                    cost.source,
                )
            )
    given += level_given(cost.price_year, terms)
    given.append(_rule_given(rule))
    return tuple(dict.fromkeys(given))


def direct_formula(line: PricedFlow, terms: Terms, amount: int) -> Sentence:
    """Return the amount as it was entered x the price ratio."""
    entered = kroner(line.flow.amount)
    ratio = price_ratio(line.price_year, terms)
    return entered if ratio is None else _equals(product(entered, ratio), Fraction(amount))


def direct_inputs(line: PricedFlow, terms: Terms) -> tuple[Given, ...]:
    """Return the amount as it was entered, and the price levels where they were needed."""
    year = line.price_year
    name = Sentence(f"{line.name}, p/l {year}", f"{line.name}, prices of {year}")
    entered = Given(name, kroner(line.flow.amount), line.source)
    return (entered, *level_given(year, terms))


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


def _rule_given(rule: Parted) -> Given:
    name = Sentence("Fordeling på kasser", "Split between payers")
    return Given(name, rule.rule, rule.source)


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
    return Sentence(f"{left.da} = {right.da}", f"{left.en} = {right.en}")
