"""What may lie on the knowledge shelf: fields, bounds, contradictions, JSON, differences."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from optimizer.payers import Level
from optimizer.quantity import quantities
from optimizer.shelf import CONTENTS, ShelfConsequence, ShelfEffect, ShelfKind, ShelfPrice
from optimizer.shelf_reader import (
    ShelfErrors,
    content_document,
    content_from_document,
    content_of,
    decimal_text,
    differences,
    values_of,
)
from optimizer.shelf_sheets import columns_of

PRICE = {"amount": 1_400, "unit": "døgn", "price_year": 2027, "category": "service"}
EFFECT = {"target_group": "Ledige", "outcome": "i job"}


def faults(kind, values):
    """The fields that are wrong, with what is said in Danish."""
    with pytest.raises(ShelfErrors) as wrong:
        content_of(kind, values)
    return {error.field: error.message.da for error in wrong.value.errors}


def test_everything_that_is_missing_is_said_at_once():
    found = faults(ShelfKind.UNIT_PRICE, {})

    assert list(found) == ["amount", "unit", "price_year", "category", "share_municipality"]
    assert "Andelene giver 0" in found.pop("share_municipality")
    assert set(found.values()) == {"Udfyld feltet."}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("amount", -1, "−1 er for lidt; skriv mindst 0."),
        ("amount", Fraction(1, 2), "0,5 er ikke et helt tal."),
        ("amount", "mange", "»mange« er ikke et tal."),
        ("amount", True, "»True« er ikke et tal."),
        ("amount", 100_000_000_001, "er for meget"),
        ("price_year", 27, "Skriv et årstal fra 1900 til 2200."),
        ("unit", 12, "12 er et tal; skriv tekst."),
        ("unit", "x" * 201, "Teksten er på 201 tegn; der er plads til 200."),
        ("category", "drift", "vælg mellem Service, Anlæg, Overførsler."),
        ("share_state", Fraction(3, 2), "150"),
    ],
)
def test_each_bound_is_kept_and_said(field, value, said):
    found = faults(ShelfKind.UNIT_PRICE, PRICE | {"share_municipality": 1} | {field: value})

    assert list(found) == [field]
    assert said in found[field]


def test_shares_are_a_whole_or_a_rule_splits():
    assert (
        "90"
        in faults(ShelfKind.UNIT_PRICE, PRICE | {"share_municipality": Fraction(9, 10)})[
            "share_municipality"
        ]
    )
    assert "rule" in faults(
        ShelfKind.UNIT_PRICE, PRICE | {"rule": "shelter_110", "share_municipality": 1}
    )
    split = content_of(ShelfKind.UNIT_PRICE, PRICE | {"rule": "shelter_110"})
    assert isinstance(split, ShelfPrice)
    assert split.shares == {}
    fixed = content_of(
        ShelfKind.UNIT_PRICE,
        PRICE | {"share_region": Fraction(4, 5), "share_municipality": Fraction(1, 5)},
    )
    assert isinstance(fixed, ShelfPrice)
    assert fixed.shares == {Level.MUNICIPALITY: Fraction(1, 5), Level.REGION: Fraction(4, 5)}


def test_contradictions_are_said_beside_other_mistakes_but_not_made_up_by_them():
    shares = {"share_municipality": Fraction(1, 2)}
    assert list(faults(ShelfKind.UNIT_PRICE, PRICE | {"price_year": 5} | shares)) == [
        "price_year",
        "share_municipality",
    ]
    # the sum would be wrong only because one of its parts cannot be read
    unreadable = shares | {"share_state": "halvdelen"}
    assert list(faults(ShelfKind.UNIT_PRICE, PRICE | unreadable)) == ["share_state"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "p_with"),
        ({"effect_size": Fraction(-84, 10)}, "effect_measure"),
        ({"p_with": Fraction(1, 2), "successes_with": 10}, "observed_with"),
        ({"p_with": Fraction(1, 2), "observed_with": 10}, "successes_with"),
        ({"p_with": Fraction(1, 2), "successes_with": 0, "observed_with": 0}, "observed_with"),
        ({"p_with": Fraction(1), "successes_with": 11, "observed_with": 10}, "successes_with"),
        # 14 of 40 is 35 %
        ({"p_with": Fraction(4, 10), "successes_with": 14, "observed_with": 40}, "p_with"),
        ({"p_with": Fraction(1, 2), "stars": 4}, "stars"),
        ({"p_with": Fraction(1, 2), "grade": "good"}, "grade"),
    ],
)
def test_an_effect_that_contradicts_itself_is_refused(values, field):
    assert list(faults(ShelfKind.EFFECT, EFFECT | values)) == [field]


def test_grade_stars_and_size_are_three_different_things():
    effect = content_of(
        ShelfKind.EFFECT,
        EFFECT
        | {"p_with": Fraction(35, 100), "p_without": Fraction(3, 10), "grade": "conflicting"}
        | {"stars": 3, "successes_with": 14, "observed_with": 40},
    )

    assert isinstance(effect, ShelfEffect)
    assert (effect.grade, effect.stars, effect.added_effect) == ("conflicting", 3, Fraction(1, 20))
    alone = content_of(ShelfKind.EFFECT, EFFECT | {"p_with": Fraction(1, 2)})
    assert isinstance(alone, ShelfEffect)
    assert alone.added_effect is None


def test_a_consequence_ends_at_its_last_quantity():
    found = content_of(
        ShelfKind.CONSEQUENCE, {"unit_price": "d", "year_0": -90, "year_2": Fraction(-1, 2)}
    )

    assert isinstance(found, ShelfConsequence)
    assert found.by_year == (-90, 0, Fraction(-1, 2))
    assert list(faults(ShelfKind.CONSEQUENCE, {"unit_price": "d"})) == ["year_0"]


def test_a_number_that_no_spreadsheet_holds_is_refused():
    values = {"unit_price": "d", "year_0": Fraction("0.1234567890123456")}

    assert "15 cifre" in faults(ShelfKind.CONSEQUENCE, values)["year_0"]


numbers = some.integers(-999_999, 999_999).map(lambda n: Fraction(n, 1000)).filter(bool)
shares = some.integers(0, 1000).map(lambda n: Fraction(n, 1000))


@given(first=numbers, later=some.none() | numbers)
def test_a_consequence_comes_back_from_json_and_from_a_binary_number(first, later):
    content = content_of(
        ShelfKind.CONSEQUENCE, {"unit_price": "d", "year_0": first, "year_3": later}
    )

    assert content_from_document(content.KIND, content_document(content)) == content
    assert content_of(content.KIND, values_of(content)) == content
    assert Fraction(repr(float(first))) == first


@given(p_with=shares, p_without=some.none() | shares, stars=some.none() | some.integers(0, 3))
def test_an_effect_comes_back_from_json(p_with, p_without, stars):
    content = content_of(
        ShelfKind.EFFECT, EFFECT | {"p_with": p_with, "p_without": p_without, "stars": stars}
    )

    back = content_from_document(ShelfKind.EFFECT, content_document(content))

    assert back == content
    # nought is told apart from what nobody has said
    assert isinstance(back, ShelfEffect)
    assert (back.p_with, back.stars) == (p_with, stars)


def test_a_foreign_document_is_refused():
    with pytest.raises(ShelfErrors):
        content_from_document(ShelfKind.EFFECT, EFFECT | {"p_with": "0.5", "colour": "red"})
    with pytest.raises(ShelfErrors):
        content_from_document(ShelfKind.EFFECT, EFFECT | {"p_with": "1/0"})


def test_two_versions_side_by_side():
    old = content_of(ShelfKind.UNIT_PRICE, PRICE | {"share_municipality": 1})
    new = content_of(
        ShelfKind.UNIT_PRICE,
        PRICE
        | {"amount": 1_500, "price_year": 2028, "unit": "nat"}
        | {"share_municipality": Fraction(1, 2), "share_state": Fraction(1, 2)},
    )

    changed = {d.field: (d.old, d.new, d.by) for d in differences(old, new) if d.is_changed}

    assert changed == {
        "amount": (1_400, 1_500, 100),
        "price_year": (2027, 2028, None),
        "unit": ("døgn", "nat", None),
        "share_municipality": (1, Fraction(1, 2), Fraction(-1, 2)),
        "share_state": (0, Fraction(1, 2), Fraction(1, 2)),
    }
    with pytest.raises(TypeError):
        differences(old, ShelfConsequence(unit_price="d", year_0=Fraction(1)))


@pytest.mark.parametrize("kind", ShelfKind)
def test_every_field_speaks_both_languages_and_has_a_column(kind):
    columns = {column.name: column for column in columns_of(kind)}

    for name, about in quantities(CONTENTS[kind]).items():
        assert about.label.da
        assert about.label.en
        assert bool(about.help.da) is bool(about.help.en)
        assert columns[name].about is about
    for language in ("da", "en"):
        headings = [column.heading.say(language) for column in columns.values()]
        assert len(set(headings)) == len(headings)


@pytest.mark.parametrize(
    ("value", "text"), [(Fraction(1, 8), "0.125"), (-40, "-40"), (Fraction(-21, 2), "-10.5")]
)
def test_numbers_as_text(value, text):
    assert decimal_text(value) == text
