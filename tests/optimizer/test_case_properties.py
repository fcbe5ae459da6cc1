"""What holds for every case: parts add up, documents come back, order does not matter."""

import json
import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from optimizer import FlowKind
from optimizer.cases import (
    BusinessCase,
    Computed,
    Uncertain,
    Variant,
    case_document,
    flows_of,
    span_of,
)
from optimizer.cases.computing import parted
from optimizer.cases.examples import PAYERS
from optimizer.sentence import rounded
from tests.optimizer.business import LEVELS, Json, documents, read

HORIZON = (2020, 2045)


def flows(case: BusinessCase, variant: Variant | None = None, **more: Any) -> tuple[Computed, ...]:
    return flows_of(case, variant, payers=PAYERS, price_levels=LEVELS, **more)


def totals(computed: tuple[Computed, ...], line: str) -> dict[int, int]:
    """Return the sum over payers by year."""
    sums: dict[int, int] = {}
    for one in computed:
        if one.line == line:
            sums[one.flow.year] = sums.get(one.flow.year, 0) + one.flow.amount
    return {year: amount for year, amount in sums.items() if amount}


def expected_effect(case: BusinessCase, route: Any, consequence: Any) -> dict[int, int]:
    """Add up one consequence straight from the formula, whoever pays."""
    ratio = LEVELS.index[case.price_year] / LEVELS.index[consequence.price.price_year]
    sums: dict[int, Fraction] = {}
    for start, citizens in route.citizens.items():
        for j in range(20):
            left = route.durability.at(j)
            quantity = consequence.quantity_at(j).expected
            extra = citizens * (route.success.expected - route.without.expected)
            worth = extra * left * -quantity * consequence.price.kroner.expected * ratio
            sums[start + j] = sums.get(start + j, Fraction(0)) + worth
    whole = {year: int(rounded(amount)) for year, amount in sums.items()}
    return {year: amount for year, amount in whole.items() if amount}


@given(documents())
def test_the_payers_parts_add_up_to_the_rounded_whole(document: Json) -> None:
    case = read(document)
    computed = flows(case)
    for route in case.effects:
        for consequence in route.consequences:
            line = f"{route.id}/{consequence.id}"
            assert totals(computed, line) == expected_effect(case, route, consequence)


@given(
    st.dictionaries(
        st.sampled_from("abcd"), st.fractions(-1000, 1000, max_denominator=60), min_size=1
    )
)
def test_parting_keeps_the_whole_and_moves_no_part_by_a_krone(exact: dict[str, Fraction]) -> None:
    parts = parted(exact)
    assert sum(parts.values()) == rounded(sum(exact.values()))
    assert all(abs(parts[payer] - exact[payer]) <= 1 for payer in exact)
    mirrored = parted({payer: -part for payer, part in exact.items()})
    assert mirrored == {payer: -part for payer, part in parts.items()}


@given(documents())
def test_a_document_comes_back_equal(document: Json) -> None:
    case = read(document)
    written = json.loads(json.dumps(case_document(case)))
    assert read(written) == case
    assert hash(read(written)) == hash(case)
    assert case_document(read(written)) == written


@given(documents(), st.randoms(use_true_random=False))
def test_the_order_of_things_does_not_matter(document: Json, random: Any) -> None:
    first = flows(read(document))
    for key in ("effects", "costs", "direct"):
        random.shuffle(document[key])
    for route in document["effects"]:
        random.shuffle(route["consequences"])
        route["citizens"] = dict(
            random.sample(list(route["citizens"].items()), len(route["citizens"]))
        )
    second = flows_of(read(document), payers=PAYERS[::-1], price_levels=LEVELS)
    assert [c.flow for c in second] == [c.flow for c in first]


def more_effect(case: BusinessCase, by: Fraction) -> BusinessCase:
    def better(rate: Uncertain) -> Uncertain:
        return Uncertain(rate.expected + by, rate.low + by, rate.high + by)

    routes = tuple(replace(route, success=better(route.success)) for route in case.effects)
    return replace(case, effects=routes)


@given(documents(less=True), st.sampled_from((Fraction(1, 100), Fraction(1, 3))))
def test_more_effect_never_saves_less_where_less_is_used(document: Json, by: Fraction) -> None:
    case = read(document)
    before, after = flows(case), flows(more_effect(case, by))
    for route in case.effects:
        for consequence in route.consequences:
            line = f"{route.id}/{consequence.id}"
            less, more = totals(before, line), totals(after, line)
            assert all(more.get(year, 0) >= less.get(year, 0) for year in {*less, *more})


@given(documents())
def test_low_is_never_above_high_and_no_cost_is_an_income(document: Json) -> None:
    case = read(document)
    for variant in case.variants:
        for computed in flows(case, variant):
            flow = computed.flow
            assert flow.low <= flow.amount <= flow.high
            assert flow.kind is FlowKind.SAVING or flow.high <= 0
            assert flow.kind is FlowKind.SAVING or flow.cashable
            assert all(given.name.da and given.value.en for given in computed.provenance.inputs)


@given(documents())
def test_the_span_holds_every_flow_and_a_horizon_only_cuts(document: Json) -> None:
    case = read(document)
    for variant in case.variants:
        span, everything = span_of(case, variant), flows(case, variant)
        assert span is not None or not everything
        for computed in everything:
            assert span is not None
            assert span[0] <= computed.flow.year <= span[1]
        cut = flows(case, variant, horizon=(2027, 2028))
        assert cut == tuple(c for c in everything if 2027 <= c.flow.year <= 2028)


@given(documents())
def test_a_case_known_exactly_has_no_band(document: Json) -> None:
    case = read(document)

    def exact(value: Any) -> Any:
        return Uncertain(value.expected) if isinstance(value, Uncertain) else value

    routes = tuple(
        replace(
            route,
            success=exact(route.success),
            without=exact(route.without),
            consequences=tuple(
                replace(
                    c,
                    quantity=exact(c.quantity)
                    if isinstance(c.quantity, Uncertain)
                    else {j: exact(q) for j, q in c.quantity.items()},
                    price=replace(c.price, kroner=exact(c.price.kroner)),
                )
                for c in route.consequences
            ),
        )
        for route in case.effects
    )
    known = flows(replace(case, effects=routes, costs=(), direct=()))
    assert all(c.flow.low == c.flow.amount == c.flow.high for c in known)
    uncertain = flows(replace(case, costs=(), direct=()))
    kept = {(c.line, c.flow.year, c.flow.payer): c.flow.amount for c in uncertain if c.flow.amount}
    assert kept == {(c.line, c.flow.year, c.flow.payer): c.flow.amount for c in known}


OPERATORS = str.maketrans({"×": "*", "−": "-", ",": None, "\N{NO-BREAK SPACE}": " "})


def value_of(formula: str) -> Fraction:
    """Work a formula out as a reader with a pocket calculator would."""
    text = formula.translate(OPERATORS).replace("kr.", "").replace("døgn", "").replace("%", "/100")
    return Fraction(eval(re.sub(r"[0-9.]+", lambda n: f"F('{n[0]}')", text), {"F": Fraction}, {}))


@given(documents())
def test_every_formula_gives_its_amount(document: Json) -> None:
    for computed in flows(read(document)):
        formula, _, amount = computed.provenance.formula.en.rpartition(" = ")
        assert value_of(amount) == computed.flow.amount
        if formula:
            terms = [formula] if formula.startswith("−") else formula.split(" + ")
            size = sum(abs(value_of(term)) for term in terms)
            # one krone of the parting, and six decimals of a share
            assert abs(value_of(formula) - computed.flow.amount) <= 1 + size / 10**4
