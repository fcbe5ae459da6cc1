"""The uncertain inputs of a case, one by one: what the tornado turns and the draws draw."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from optimizer.cases.added_effect import rate_interval
from optimizer.cases.business_case import BusinessCase, CostLine, PricedFlow
from optimizer.cases.consequence import Consequence
from optimizer.cases.effect import EffectRoute
from optimizer.cases.uncertain import Uncertain
from optimizer.intervention import Case
from optimizer.sentence import Sentence

#: makes the case with this input known exactly, at its low, expected or high
Setting = Callable[[Case], BusinessCase]


@dataclass(frozen=True, slots=True)
class Input:
    """One uncertain input of a case.

    Parameters
    ----------
    key : str
        ``route/success``, ``route/without``, ``route/consequence/quantity``,
        ``route/consequence/price``, ``cost/gross``, ``cost/alternative`` or ``direct``.
    label : Sentence
    value : Uncertain or None
        Its low, expected and high; None where it is a row by year that moves together.
    at : callable
        The case with this input at one end (its smaller or its larger number) and the rest as is.

    Examples
    --------
    >>> from optimizer.cases.examples import small_case
    >>> for found in inputs_of(small_case()):
    ...     print(found.key, "-" if found.value is None else round(float(found.value.high), 5))
    bolig/success 0.5
    bolig/without 0.36042
    bolig/herberg/quantity -20.0
    leje 60000.0
    """

    key: str
    label: Sentence
    value: Uncertain | None
    at: Setting


def inputs_of(case: BusinessCase) -> tuple[Input, ...]:
    """Return every input of the case that is not known exactly, in the order of the case.

    A rate that was counted in people but has no low and high of its own has the ends of its 95 %
    interval.
    """
    return (
        *(found for route in case.effects for found in _of_route(case, route)),
        *(found for cost in case.costs for found in _of_cost(case, cost)),
        *(found for line in case.direct for found in _of_direct(case, line)),
    )


def ranged(rate: Uncertain) -> Uncertain:
    """Return the rate with the ends of its interval where only counts are known.

    Examples
    --------
    >>> rate = ranged(Uncertain.observed(3, 20))
    >>> round(float(rate.low), 3), float(rate.expected), round(float(rate.high), 3)
    (0.052, 0.15, 0.36)
    """
    if rate.counted is None or not rate.is_exact:
        return rate
    low, high = rate_interval(rate.counted)
    return Uncertain(rate.expected, min(low, rate.expected), max(high, rate.expected), rate.counted)


# ---- effects ----


def _of_route(case: BusinessCase, route: EffectRoute) -> Iterator[Input]:
    rates = (
        ("success", Sentence("succesrate med indsatsen", "success rate with the intervention")),
        ("without", Sentence("succesrate uden indsatsen", "success rate without it")),
    )
    for field, words in rates:
        rate = ranged(getattr(route, field))
        if not rate.is_exact:

            def at(end: Case, field: str = field, rate: Uncertain = rate) -> BusinessCase:
                changed: dict[str, Any] = {field: Uncertain(rate.in_case(end))}
                return _with_route(case, replace(route, **changed))

            yield Input(f"{route.id}/{field}", _label(route.outcome, words), rate, at)
    for consequence in route.consequences:
        yield from _of_consequence(case, route, consequence)


def _of_consequence(
    case: BusinessCase, route: EffectRoute, consequence: Consequence
) -> Iterator[Input]:
    def put(changed: Consequence) -> BusinessCase:
        rest = (changed if c.id == changed.id else c for c in route.consequences)
        return _with_route(case, replace(route, consequences=tuple(rest)))

    quantity, price = consequence.quantity, consequence.price
    key = f"{route.id}/{consequence.id}"
    if is_open(quantity):
        yield Input(
            f"{key}/quantity",
            _label(consequence.name, Sentence("mængde pr. ekstra succes", "use per extra success")),
            quantity if isinstance(quantity, Uncertain) else None,
            lambda end: put(replace(consequence, quantity=at_end(quantity, end))),
        )
    if not price.kroner.is_exact:
        yield Input(
            f"{key}/price",
            _label(consequence.name, Sentence("enhedspris", "unit price")),
            price.kroner,
            lambda end: put(
                replace(
                    consequence, price=replace(price, kroner=Uncertain(price.kroner.in_case(end)))
                )
            ),
        )


def _with_route(case: BusinessCase, changed: EffectRoute) -> BusinessCase:
    rest = (changed if route.id == changed.id else route for route in case.effects)
    return replace(case, effects=tuple(rest))


# ---- amounts ----


def _of_cost(case: BusinessCase, cost: CostLine) -> Iterator[Input]:
    rows = (
        ("gross", Sentence("udgift", "cost")),
        ("alternative", Sentence("sparet alternativ", "alternative saved")),
    )
    for field, words in rows:
        row: Mapping[int, Uncertain] = getattr(cost, field)
        if is_open(row):

            def at(
                end: Case, field: str = field, row: Mapping[int, Uncertain] = row
            ) -> BusinessCase:
                ends: dict[str, Any] = {field: at_end(row, end)}
                changed = replace(cost, **ends)
                rest = (changed if c.id == cost.id else c for c in case.costs)
                return replace(case, costs=tuple(rest))

            yield Input(f"{cost.id}/{field}", _label(cost.name, words), None, at)


def _of_direct(case: BusinessCase, line: PricedFlow) -> Iterator[Input]:
    flow = line.flow
    value = Uncertain(flow.amount, flow.low, flow.high)
    if not value.is_exact:

        def at(end: Case) -> BusinessCase:
            kroner = flow.in_case(end)
            fixed = replace(flow, low=kroner, amount=kroner, high=kroner)
            changed = replace(line, flow=fixed)
            rest = (changed if other.id == line.id else other for other in case.direct)
            return replace(case, direct=tuple(rest))

        label = _label(line.name, Sentence(str(flow.year), str(flow.year)))
        yield Input(line.id, label, value, at)


def at_end(
    given: Uncertain | Mapping[int, Uncertain], end: Case
) -> Uncertain | dict[int, Uncertain]:
    """Return a quantity, or every year of a row, known exactly at one end.

    >>> at_end({2027: Uncertain(3, low=1)}, Case.LOW)[2027].expected
    Fraction(1, 1)
    """
    if isinstance(given, Uncertain):
        return Uncertain(given.in_case(end))
    return {year: Uncertain(value.in_case(end)) for year, value in given.items()}


def is_open(given: Uncertain | Mapping[int, Uncertain]) -> bool:
    """Return whether any number is not known exactly.

    >>> is_open({2027: Uncertain(3), 2028: Uncertain(3, low=1)})
    True
    """
    values = (given,) if isinstance(given, Uncertain) else given.values()
    return any(not value.is_exact for value in values)


def _label(name: str, words: Sentence) -> Sentence:
    return Sentence(f"{name}: {words.da}", f"{name}: {words.en}")
