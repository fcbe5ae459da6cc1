"""Documents of business cases: golden ones with their flows, and wrong ones.

After a change that is meant, write the flows anew and read the difference:

    python -m tests.optimizer.test_case_documents
"""

import copy
import doctest
import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest

import optimizer.cases
from optimizer.cases import (
    BusinessCase,
    CaseErrors,
    Durability,
    case_document,
    case_from_document,
    flows_of,
)
from optimizer.cases.examples import LEVELS as ROUND_LEVELS
from optimizer.cases.examples import PAYERS
from optimizer.cases.quantities import exact_document
from tests.optimizer.business import GOLDEN, NAMES, Json, golden
from tests.optimizer.cases import CASES

CALLABLE = [n for n in optimizer.cases.__all__ if callable(getattr(optimizer.cases, n))]


def read(document: Json) -> BusinessCase:
    return case_from_document(document, payers=PAYERS, price_levels=ROUND_LEVELS)


def computed(name: str) -> dict[str, list[list[Any]]]:
    """Return [year, line, payer, low, amount, high] of every flow, by variant."""
    case = read(golden(name))
    return {
        variant.id: [
            [c.flow.year, c.line, c.flow.payer, c.flow.low, c.flow.amount, c.flow.high]
            for c in flows_of(case, variant, payers=PAYERS, price_levels=ROUND_LEVELS)
        ]
        for variant in case.variants
    }


def errors(document: Json, **known: Any) -> list[str]:
    with pytest.raises(CaseErrors) as caught:
        case_from_document(document, **known)
    assert all(error.message.da != error.message.en for error in caught.value.errors)
    return [error.path for error in caught.value.errors]


@pytest.mark.parametrize("name", NAMES)
class TestGolden:
    def test_its_flows(self, name: str) -> None:
        assert computed(name) == golden(f"{name}.expected")

    def test_it_is_written_as_it_was_read(self, name: str) -> None:
        assert case_document(read(golden(name))) == golden(name)


def test_every_mistake_is_named_at_once() -> None:
    found = errors(golden("invalid"), payers=PAYERS, price_levels=ROUND_LEVELS)
    assert found == [
        "titel",
        "format",
        "effects[0].outcome",
        "effects[0].citizens.2027",
        "effects[0].citizens.20x7",
        "effects[0].citizens.2029",
        "effects[0].success",
        "effects[0].without.low",
        "effects[0].durability.row[1]",
        "effects[0].consequences[0].id",
        "effects[0].consequences[0].quantity",
        "effects[0].consequences[0].price.kroner",
        "effects[0].consequences[0].price.source",
        "effects[0].consequences[0].price.price_year",
        "effects[0].consequences[0].category",
        "effects[0].consequences[0].split.rule",
        "effects[0].consequences[1].split.state",
        "effects[0].consequences[1].split.days_without",
        "effects[0].consequences[2].id",
        "effects[0].consequences[2].quantity.by_year.-1",
        "effects[0].consequences[2].split.shares.månen",
        "effects[0].consequences[3].split.shares",
        "effects[1].success.counted",
        "effects[1].without.expected",
        "costs[0].kind",
        "costs[0].per_citizen",
        "costs[0].gross.2027",
        "costs[0].alternative.2027",
        "costs[0].split.rule",
        "direct[0].id",
        "direct[0].payer",
        "direct[0].amount",
        "direct[0].high",
        "direct[0].high",
        "direct[0].cashability",
        "variants[0].scale",
        "variants[0].shift",
        "variants[0].citizens.ukendt",
        "effects[1].consequences[0].split.rule",
    ]


def changed(name: str, path: str, value: Any) -> Json:
    """Return a golden document with one value replaced; None takes the key out."""
    document = copy.deepcopy(golden(name))
    *way, last = path.split("/")
    inside: Any = document
    for step in way:
        inside = inside[int(step) if isinstance(inside, list) else step]
    if value is None:
        del inside[last]
    else:
        inside[int(last) if isinstance(inside, list) else last] = value
    return document


COUNTED = {"counted": [1, 0]}
LATE = {"rule": "dated", "by_year": {"2028": {"shares": {"stat": 1}}}}
RENT = golden("housing")["direct"][0]


@pytest.mark.parametrize(
    ("path", "value", "wrong"),
    [
        ("price_year", None, "price_year"),
        ("price_year", 20260, "price_year"),
        ("effects/0/success", None, "effects[0].success"),
        ("effects/0/success", {"expected": 0.5, "high": 0.4}, "effects[0].success.high"),
        ("effects/0/success", {"expected": "1/0"}, "effects[0].success.expected"),
        ("effects/0/success", {"expected": 0.5, "low": "x"}, "effects[0].success.low"),
        ("effects/0/success", {"expected": 0.5, "lav": 0.4}, "effects[0].success.lav"),
        ("effects/0/without", COUNTED, "effects[0].without.counted"),
        ("effects/0/without", {"counted": [0, 0]}, "effects[0].without.counted"),
        ("effects/0/without", {"expected": "x", "counted": [1, 2]}, "effects[0].without.expected"),
        ("effects/0/without", {"counted": [1]}, "effects[0].without.counted"),
        ("effects/0/without", {"counted": [1, "x"]}, "effects[0].without.counted[1]"),
        ("effects/0/citizens", [], "effects[0].citizens"),
        ("effects/0/citizens/2027", 10_000_001, "effects[0].citizens.2027"),
        ("effects/0/durability", {"row": []}, "effects[0].durability.row"),
        ("effects/0/durability", {"row": [1] * 101}, "effects[0].durability.row"),
        ("effects/0/durability", [1], "effects[0].durability"),
        ("effects/0/durability", {"decay": 0.1}, "effects[0].durability.years"),
        ("effects/0/durability", {"decay": 2, "years": 3}, "effects[0].durability.decay"),
        ("costs/0/alternative/2027", 1_400_001, "costs[0].alternative.2027"),
        ("costs/0/alternative", {"2028": 1}, "costs[0].alternative.2028"),
        ("costs/0/split", None, "costs[0].split"),
        ("costs/0/price_year", 2010, "costs[0].price_year"),
        ("costs/0/gross/2027", -1, "costs[0].gross.2027"),
        ("costs/1/gross", None, "costs[1].gross"),
        ("direct/0/low", 100_002, "direct[0].low"),
        ("direct/0/id", "opstart", "direct[0].id"),
        ("direct/0/amount", None, "direct[0].amount"),
        ("direct/0/year", 2201, "direct[0].year"),
        ("variants/1/shift", -51, "variants[1].shift"),
        ("variants/1", {"id": "ny", "citizens": {"bolig": {"2200": 1}}}, "variants[1]"),
        ("variants", [], "variants"),
        ("variants/0/id", "lille", "variants[1].id"),
        ("variants/0/pool", "a/b", "variants[0].pool"),
        ("variants/0/citizens", {"bolig": 5}, "variants[0].citizens.bolig"),
        ("variants/0/citizens", 5, "variants[0].citizens"),
        ("variants/0/citizens", {"bolig": {"1899": 5}}, "variants[0].citizens.bolig.1899"),
        ("variants/0/direct", [RENT | {"id": "stoette"}], "variants[0].direct[0].id"),
    ],
)  # fmt: skip
def test_one_mistake_is_one_error_at_its_place(path: str, value: Any, wrong: str) -> None:
    document = changed("housing", path, value)
    found = errors(document, payers=PAYERS, price_levels=ROUND_LEVELS)
    assert found == [wrong]


@pytest.mark.parametrize(
    ("number", "path", "value", "wrong"),
    [
        (0, "quantity", -151, "quantity"),
        (0, "quantity", None, "quantity"),
        (0, "quantity", {"by_year": []}, "quantity.by_year"),
        (0, "quantity", {"by_year": {"00": 1}}, "quantity.by_year.00"),
        (0, "quantity", {"by_year": {"0": -151}}, "quantity"),
        (0, "quantity", {"by_year": {"0": "x"}}, "quantity.by_year.0"),
        (0, "quantity", {"by_year": {"9" * 5000: 1}}, "quantity.by_year." + "9" * 5000),
        (1, "split/municipality", 5, "split.municipality"),
        (0, "price", None, "price"),
        (0, "split", None, "split"),
        (0, "split", [], "split"),
        (0, "split", {}, "split.rule"),
        (0, "split", {"rule": ["shelter"]}, "split.rule"),
        (0, "split/andel", 1, "split.andel"),
        (0, "split/state", "sky", "split.state"),
        (0, "split/days_without", None, "split.days_without"),
        (0, "split", {"rule": "fixed"}, "split.shares"),
        (0, "split", {"rule": "fixed", "shares": 1}, "split.shares"),
        (0, "split", {"rule": "fixed", "shares": {"stat": 2}}, "split.shares.stat"),
        (0, "split", {"rule": "dated", "by_year": {}}, "split.by_year"),
        (0, "split", {"rule": "dated"}, "split.by_year"),
        (0, "split", LATE, "split.rule"),
        (1, "split/yearly_cost", -1, "split.yearly_cost"),
        (1, "split/price_year", 2010, "split.price_year"),
    ],
)  # fmt: skip
def test_one_mistake_in_a_consequence(number: int, path: str, value: Any, wrong: str) -> None:
    document = changed("housing", f"effects/0/consequences/{number}/{path}", value)
    found = errors(document, payers=PAYERS, price_levels=ROUND_LEVELS)
    assert found == [f"effects[0].consequences[{number}].{wrong}"]


def test_what_refers_to_a_missing_route_is_named_too() -> None:
    found = errors(changed("housing", "effects", {}), payers=PAYERS, price_levels=ROUND_LEVELS)
    assert found == ["effects", "costs[1].per_citizen", "variants[2].citizens.bolig"]
    assert errors(changed("employment", "effects/1", 4)) == ["effects[1]"]


@pytest.mark.parametrize("document", [None, [], "x", 4])
def test_what_is_no_object_is_one_error(document: Any) -> None:
    assert errors(document) == [""]


def test_an_early_start_of_a_variant_is_checked_against_the_rules() -> None:
    document = changed("employment", "variants", [{"id": "tidlig", "shift": -12}])
    assert errors(document, payers=PAYERS, price_levels=ROUND_LEVELS) == [
        "effects[0].consequences[0].split.rule", "effects[0].consequences[1].split.rule",
    ]  # fmt: skip


JUNK: list[Any] = [
    None, True, -1, 10**400, float("nan"), "", "x", "1/0", "\ud800", "9" * 5000, [], [[]], {},
    {"2027": 1}, {"expected": 1}, {"rule": {}},
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything in a document."""
    pairs = value.items() if isinstance(value, dict) else ()
    for key, item in enumerate(value) if isinstance(value, list) else pairs:
        yield (*path, key)
        yield from places(item, (*path, key))


@pytest.mark.parametrize("junk", JUNK, ids=[str(n) for n in range(len(JUNK))])
def test_a_hostile_document_is_refused_or_read_whole(junk: Any) -> None:
    for way in places(golden("employment")):
        document = copy.deepcopy(golden("employment"))
        inside: Any = document
        for step in way[:-1]:
            inside = inside[step]
        inside[way[-1]] = junk
        try:
            case = read(document)
        except CaseErrors as wrong:
            assert all(error.say("da").encode() for error in wrong.errors)
        else:
            assert read(case_document(case)) == case


def test_what_is_not_known_is_not_checked() -> None:
    document = changed("housing", "direct/0/payer", "fond")
    document["costs"][0]["price_year"] = 1999
    case = case_from_document(document)
    assert case.direct[0].flow.payer == "fond"


def test_a_variants_own_lines_may_bear_the_ids_of_those_they_replace() -> None:
    lines = golden("housing")["costs"]
    case = read(changed("housing", "variants/1/costs", lines))
    assert case.variants[1].costs == case.costs


def test_numbers_are_written_exactly() -> None:
    from fractions import Fraction

    assert [exact_document(Fraction(v)) for v in ("0.1", "-2/3", "7")] == [0.1, "-2/3", 7]
    huge = Fraction(10**25 + 1, 10**5)
    assert exact_document(huge) == f"{huge.numerator}/{huge.denominator}"


def test_a_direct_cost_is_read_and_written() -> None:
    cost = {key: value for key, value in RENT.items() if key != "low"}
    document = changed("housing", "direct/0", cost | {"kind": "cost", "amount": -7})
    assert case_document(read(document)) == document
    assert read(document).direct[0].flow.cashable


def test_a_durability_of_no_years_leaves_nothing() -> None:
    assert [Durability().at(j) for j in (-1, 0, 1)] == [0, 0, 0]


@pytest.mark.parametrize("name", CALLABLE)
def test_every_public_name_has_an_example(name: str) -> None:
    documented = getattr(optimizer.cases, name)
    (found,) = doctest.DocTestFinder(recurse=False).find(documented, name)
    assert found.examples
    assert inspect.getdoc(documented)


def test_the_page_shows_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    root = CASES.parents[1]
    monkeypatch.chdir(root)
    page = doctest.testfile(str(root / "docs" / "business-case.md"), module_relative=False)
    assert page.attempted > 5
    assert page.failed == 0


if __name__ == "__main__":
    for one in NAMES:
        rows = {
            variant: "[\n" + ",\n".join(f"    {json.dumps(row)}" for row in found) + "\n  ]"
            for variant, found in computed(one).items()
        }
        text = ",\n".join(f'  "{variant}": {found}' for variant, found in rows.items())
        (GOLDEN / f"{one}.expected.json").write_text(f"{{\n{text}\n}}\n", encoding="utf-8")
