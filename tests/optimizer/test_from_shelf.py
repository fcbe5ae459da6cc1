"""What a case takes from the shelf: still the entry's or not, and anew from its next version."""

from fractions import Fraction

import pytest

from optimizer.cases import case_document, case_from_document, flows_of
from optimizer.cases.examples import LEVELS, PAYERS
from optimizer.cases.from_shelf import (
    Reference,
    Taken,
    price_part,
    quantity_part,
    rate_parts,
    references,
    renewed,
    says,
    split_part,
    with_known,
)
from optimizer.reading import Json
from optimizer.shelf import ShelfConsequence, ShelfEffect, ShelfPrice

QUARTER = Fraction(1, 4)
DAY = ShelfPrice(
    amount=1000, unit="døgn", price_year=2026, category="service",
    share_municipality=QUARTER, share_state=3 * QUARTER,
)  # fmt: skip
DEARER = ShelfPrice(
    amount=1200, unit="døgn", price_year=2026, category="transfers",
    share_municipality=Fraction(1, 2), share_state=Fraction(1, 2),
)  # fmt: skip
DAYS = ShelfConsequence(unit_price="doegn", year_0=Fraction(-30), year_1=Fraction(-10))
STUDY = ShelfEffect(
    target_group="Hjemløse", outcome="i egen bolig", p_with=Fraction(2, 5),
    successes_without=3, observed_without=20,
)  # fmt: skip
DAY_1, DAYS_1, STUDY_1 = (Reference(key, 1) for key in ("doegn", "dage", "studie"))
KNOWN = {DAY_1: DAY, DAYS_1: DAYS, STUDY_1: STUDY}
SHARES: Json = {"rule": "fixed", "shares": {"kommune": 0.25, "stat": 0.75}}


def a_document(**changes: Json) -> dict[str, Json]:
    """40 citizens; everything that the shelf can say is the shelf's."""
    consequence = {
        "id": "herberg", "name": "Døgn på herberg", "quantity": quantity_part(DAYS),
        "price": price_part(DAY, DAY_1, "opdigtet"), "category": "service", "split": SHARES,
        **DAYS_1.document,
    } | changes  # fmt: skip
    effect = {
        "id": "bolig", "outcome": "i egen bolig", "citizens": {"2026": 40},
        **rate_parts(STUDY), "durability": {"row": [1, 1]}, "consequences": [consequence],
        "source": "opdigtet", **STUDY_1.document,
    }  # fmt: skip
    return {"format": "bundlinje-case/1", "price_year": 2026, "effects": [effect]}


def newest(**contents: ShelfPrice | ShelfConsequence | ShelfEffect) -> dict[str, Taken]:
    return {
        key: Taken(Reference(key, 2), content, "nyere kilde") for key, content in contents.items()
    }


def amounts(document: dict[str, Json]) -> list[tuple[int, str, int]]:
    case = case_from_document(document, payers=PAYERS, price_levels=LEVELS)
    found = flows_of(case, payers=PAYERS, price_levels=LEVELS, horizon=(2026, 2034))
    return [(c.flow.year, c.flow.payer, c.flow.amount) for c in found]


def the_consequence(document: dict[str, Json]) -> dict[str, Json]:
    found: dict[str, Json] = document["effects"][0]["consequences"][0]
    return found


def test_a_case_from_the_shelf_reads_writes_and_comes_to_hand_computed_kroner() -> None:
    document = a_document()

    assert case_document(case_from_document(document)) == document
    # 40 x (2/5 - 3/20) = 10 successes; 30 and 10 days at 1,000 kr., a quarter the municipality's
    assert amounts(document) == [
        *((2026, "kommune", 75_000), (2026, "stat", 225_000)),
        *((2027, "kommune", 25_000), (2027, "stat", 75_000)),
    ]
    assert references(document) == (DAYS_1, DAY_1, STUDY_1)


def test_what_says_what_the_shelf_says_keeps_its_reference() -> None:
    document = a_document()

    assert with_known(document, KNOWN) == document
    assert references(with_known(document, {})) == ()


@pytest.mark.parametrize(
    ("part", "lost"),
    [
        ({"price": price_part(DAY, DAY_1, "") | {"kroner": 1001}}, DAY_1),
        ({"price": price_part(DAY, DAY_1, "") | {"unit": "nat"}}, DAY_1),
        ({"price": price_part(DAY, DAY_1, "") | {"price_year": 2025}}, DAY_1),
        ({"price": price_part(DAY, STUDY_1, "")}, DAY_1),
        ({"quantity": -30}, DAYS_1),
        ({"quantity": {"by_year": {"0": -30, "1": -10, "2": -1}}}, DAYS_1),
        ({"quantity": {"by_year": {"0": -30}}}, DAYS_1),
    ],
)
def test_a_figure_that_was_changed_loses_its_reference(part: dict[str, Json], lost: object) -> None:
    found = with_known(a_document(**part), KNOWN)

    assert set(references(found)) == set(KNOWN) - {lost}


def test_ends_that_somebody_adds_do_not_make_a_figure_ones_own() -> None:
    price = price_part(DAY, DAY_1, "") | {"kroner": {"expected": 1000, "low": 900, "high": 1500}}
    quantity = {"by_year": {"0": {"expected": -30, "low": -40}, "1": -10, "3": 0}}

    found = with_known(a_document(price=price, quantity=quantity), KNOWN)

    assert set(references(found)) == set(KNOWN)


@pytest.mark.parametrize(
    ("rates", "kept"),
    [
        ({"success": 0.4, "without": {"counted": [3, 20]}}, True),
        ({"success": {"expected": "2/5", "high": 0.5}, "without": {"counted": [3, 20]}}, True),
        ({"success": 0.41, "without": {"counted": [3, 20]}}, False),
        ({"success": 0.4, "without": {"counted": [6, 40]}}, False),
        ({"success": 0.4, "without": 0.15}, False),
    ],
)
def test_an_effect_is_the_studys_while_its_rates_and_counts_are(
    rates: dict[str, Json], kept: bool
) -> None:
    assert says(rates, STUDY) is kept


def test_a_new_price_changes_the_price_alone_and_what_was_its_beside_it() -> None:
    document = a_document(budget_line="5.38")

    found = renewed(document, KNOWN, newest(doegn=DEARER), PAYERS)

    consequence = the_consequence(found)
    assert consequence["price"] == price_part(DEARER, Reference("doegn", 2), "nyere kilde")
    assert (consequence["category"], consequence["budget_line"]) == ("transfers", "5.38")
    assert set(references(found)) == {Reference("doegn", 2), DAYS_1, STUDY_1}
    # 10 successes x 30 days x 1,200 kr., half of it the municipality's
    assert amounts(found)[:2] == [(2026, "kommune", 180_000), (2026, "stat", 180_000)]
    assert document == a_document(budget_line="5.38")


def test_category_and_shares_of_ones_own_stay() -> None:
    own: Json = {"rule": "fixed", "shares": {"kommune": 1}}

    found = renewed(
        a_document(split=own, category="construction"), KNOWN, newest(doegn=DEARER), PAYERS
    )

    consequence = the_consequence(found)
    assert (consequence["split"], consequence["category"]) == (own, "construction")


def test_a_new_study_and_new_quantities_come_to_hand_computed_kroner() -> None:
    study = ShelfEffect(
        target_group="Hjemløse", outcome="i egen bolig", p_with=Fraction(3, 10),
        successes_without=3, observed_without=30,
    )  # fmt: skip
    days = ShelfConsequence(unit_price="doegn", year_0=Fraction(-20))

    found = renewed(a_document(), KNOWN, newest(studie=study, dage=days), PAYERS)

    # 40 x (3/10 - 1/10) = 8 successes x 20 days x 1,000 kr.
    assert amounts(found) == [(2026, "kommune", 40_000), (2026, "stat", 120_000)]
    assert found["effects"][0]["source"] == "nyere kilde"


def test_an_end_stays_where_it_still_encloses_the_new_figure() -> None:
    price = price_part(DAY, DAY_1, "") | {"kroner": {"expected": 1000, "low": 900, "high": 1100}}

    found = renewed(a_document(price=price), KNOWN, newest(doegn=DEARER), PAYERS)

    # 1,100 is below the new 1,200
    assert the_consequence(found)["price"]["kroner"] == {"expected": 1200, "low": 900}


def test_nothing_is_renewed_that_is_not_asked_for() -> None:
    assert renewed(a_document(), KNOWN, {}, PAYERS) == a_document()


def test_a_level_without_a_purse_or_a_rule_gives_no_shares() -> None:
    citizen = ShelfPrice(
        amount=1, unit="døgn", price_year=2026, category="service", share_citizen=Fraction(1)
    )
    rule = ShelfPrice(
        amount=1, unit="døgn", price_year=2026, category="service", rule="shelter_110"
    )

    assert split_part(citizen, PAYERS) is None
    assert split_part(rule, PAYERS) is None


@pytest.mark.parametrize("text", ["", "@", "x@", "@3", "x@-1", "x@1.5", "x@²", f"x@{10**12}"])
def test_a_text_that_is_no_reference(text: str) -> None:
    assert Reference.read(text) is None
