"""Numbers and sentences in two languages."""

from fractions import Fraction

import pytest

from optimizer import Sentence
from optimizer.sentence import joined, kroner, listing, number, percent, rounded, same

NB = "\N{NO-BREAK SPACE}"


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "decimals", "da", "en"),
        [
            (0, None, "0", "0"),
            (1234567, None, "1.234.567", "1,234,567"),
            (Fraction(5, 2), None, "2,5", "2.5"),
            (Fraction(1, 3), None, "0,333333", "0.333333"),
            (Fraction(1, 8), 2, "0,13", "0.13"),
            (Fraction(-1, 8), 2, "−0,13", "−0.13"),
            (Fraction(-1, 1000), 2, "0,00", "0.00"),
            (-1500, 0, "−1.500", "−1,500"),
            (Fraction(1999, 2), 0, "1.000", "1,000"),
            (Fraction(12345678901, 100), 1, "123.456.789,0", "123,456,789.0"),
            (Fraction(7, 100), None, "0,07", "0.07"),
            (10**12, 0, "1.000.000.000.000", "1,000,000,000,000"),
        ],
    )
    def test_in_danish_and_english(self, value, decimals, da: str, en: str) -> None:
        assert number(value, decimals) == Sentence(da, en)

    def test_kroner_and_percent_have_their_unit_after_a_space_that_does_not_break(self) -> None:
        assert kroner(6_000_000) == Sentence(f"6.000.000{NB}kr.", f"6,000,000{NB}kr.")
        assert kroner(Fraction(-1, 2)).da == f"−1{NB}kr."
        assert percent(Fraction(1, 8)) == Sentence(f"12,5{NB}%", f"12.5{NB}%")

    @pytest.mark.parametrize(
        ("value", "decimals", "expected"),
        [
            (Fraction(1, 2), 0, 1),
            (Fraction(-1, 2), 0, -1),
            (Fraction(49, 100), 0, 0),
            (Fraction(5, 1000), 2, Fraction(1, 100)),
            (Fraction(-149, 100), 1, Fraction(-3, 2)),
            (7, 3, 7),
        ],
    )
    def test_halves_are_rounded_away_from_zero(self, value, decimals: int, expected) -> None:
        assert rounded(value, decimals) == expected


class TestSentences:
    def test_danish_unless_english_is_asked_for(self) -> None:
        words = Sentence("hus", "house")
        assert (words.say(), words.say("da"), words.say("en"), str(words)) == (
            "hus", "hus", "house", "hus",
        )  # fmt: skip
        assert same("Nord") == Sentence("Nord", "Nord")

    @pytest.mark.parametrize(
        ("words", "da"), [([], ""), (["a"], "a"), (["a", "b"], "a og b"),
                          (["a", "b", "c"], "a, b og c")],
    )  # fmt: skip
    def test_a_list(self, words: list[str], da: str) -> None:
        assert listing(words).da == da
        assert listing(words).en == da.replace(" og ", " and ")

    def test_a_list_of_alternatives(self) -> None:
        assert listing(["a", "b"], Sentence("eller", "or")) == Sentence("a eller b", "a or b")

    def test_parts_are_joined_without_the_empty_ones(self) -> None:
        parts = [Sentence("a", "x"), Sentence("", ""), Sentence("b", "y")]
        assert joined(parts) == Sentence("a b", "x y")
        assert joined(parts, "; ").da == "a; b"
