"""The terms of an outcome contract in words: everything that they may hold, in both languages."""

from fractions import Fraction

import pytest

from optimizer.contracts import OutcomePrice
from optimizer.financing import PaymentTerms
from optimizer.quantity import quantities

NAMES = {"m": "kommunen", "r": "Region Midts"}
HALF = {"share": Fraction(1, 2)}


def terms(**more):
    return PaymentTerms(**{"payer": "m", "year": 2031, "of": ("m",), "until": 2030, **more})


@pytest.mark.parametrize(
    ("more", "danish", "english"),
    [
        (
            {**HALF, "cap": 4_000_000, "gate": 1_000_000},
            (
                "Betaler 50 % af kommunens besparelse til og med 2030, højst 4,0 mio. kr.,"
                " intet under 1,0 mio. kr. Kommunen betaler i 2031."
            ),
            (
                "Pays 50 % of the saving of kommunen until 2030, at most 4.0 million kr.,"
                " nothing below 1.0 million kr. Kommunen pays in 2031."
            ),
        ),
        (
            {**HALF, "of": ("m", "r"), "payer": "r"},
            (
                "Betaler 50 % af kommunens og Region Midts' besparelse til og med 2030."
                " Region Midts betaler i 2031."
            ),
            (
                "Pays 50 % of the saving of kommunen and Region Midts until 2030."
                " Region Midts pays in 2031."
            ),
        ),
        (
            {"fixed": 1_250_000, "prices": (OutcomePrice("job", 25_000, Fraction(5, 2)),)},
            (
                "Betaler 1.250.000 kr. fast plus 25.000 kr. for hver »job« over 2,5."
                " Kommunen betaler i 2031."
            ),
            (
                "Pays a fixed 1,250,000 kr. plus 25,000 kr. for each “job” above 2.5."
                " Kommunen pays in 2031."
            ),
        ),
        (
            {**HALF, "gate": 0},
            (
                "Betaler 50 % af kommunens besparelse til og med 2030, intet under 0 kr."
                " Kommunen betaler i 2031."
            ),
            (
                "Pays 50 % of the saving of kommunen until 2030, nothing below 0 kr."
                " Kommunen pays in 2031."
            ),
        ),
    ],
)
def test_terms_are_said_in_both_languages(more, danish, english):
    said = terms(**more).sentence(NAMES)

    assert said.da.replace("\xa0", " ") == danish
    assert said.en.replace("\xa0", " ") == english


def test_every_term_has_words_and_an_example_or_a_choice():
    about = {**quantities(PaymentTerms), **quantities(OutcomePrice)}

    assert set(about) == {
        *("payer", "year", "of", "until", "share", "fixed", "cap", "gate", "category", "kind"),
        *("outcome", "price", "threshold"),
    }
    for name, one in about.items():
        assert one.label.da, name
        assert one.label.en, name
        assert one.help.da, name
        assert one.help.en, name
        assert name in {"of", "kind"} or "fx" in one.help.da, name
