"""Sentences in Danish and English, and the numbers inside them.

The library speaks for itself (labels of limits, errors of a plan file), so it carries its own two
languages instead of depending on a web framework's catalogue.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Language = Literal["da", "en"]

MINUS = "\N{MINUS SIGN}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement in the two languages of the interface.

    Examples
    --------
    >>> sentence = Sentence("Højst 2 indsatser", "At most 2 interventions")
    >>> sentence.say("en"), str(sentence)
    ('At most 2 interventions', 'Højst 2 indsatser')
    """

    da: str
    en: str

    def say(self, language: str = "da") -> str:
        """Return the text in ``language``: ``"en"`` is English, everything else Danish."""
        return self.en if language == "en" else self.da

    def __str__(self) -> str:
        """Return the Danish text."""
        return self.da


def same(text: str) -> Sentence:
    """Return ``text`` as it stands in both languages (names, labels typed by a person)."""
    return Sentence(text, text)


def joined(parts: list[Sentence], separator: str = " ") -> Sentence:
    """Return the parts one after the other, leaving out empty ones."""
    return Sentence(
        separator.join(p.da for p in parts if p.da), separator.join(p.en for p in parts if p.en)
    )


def rounded(value: Fraction | int, decimals: int = 0) -> Fraction:
    """Return ``value`` rounded half away from zero to ``decimals`` places, exactly."""
    shifted = abs(Fraction(value)) * 10**decimals
    whole = (2 * shifted.numerator + shifted.denominator) // (2 * shifted.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**decimals)


def number(value: Fraction | int, decimals: int | None = None) -> Sentence:
    """Return a number in Danish (``1.234,5``) and English (``1,234.5``) form.

    ``decimals`` None shows up to six places and drops trailing zeros.
    """
    places = 6 if decimals is None else decimals
    exact = rounded(value, places)
    digits = str(abs(exact.numerator) * (10**places) // exact.denominator).rjust(places + 1, "0")
    whole, part = (digits[:-places], digits[-places:]) if places else (digits, "")
    if decimals is None:
        part = part.rstrip("0")
    sign = MINUS if exact < 0 else ""
    grouped = f"{int(whole):,}"
    english = sign + grouped + (f".{part}" if part else "")
    danish = sign + grouped.replace(",", ".") + (f",{part}" if part else "")
    return Sentence(danish, english)


def kroner(value: Fraction | int) -> Sentence:
    """Return an amount in whole kroner with its unit, e.g. ``6.000.000 kr.``."""
    text = number(value, 0)
    return Sentence(f"{text.da}{NO_BREAK_SPACE}kr.", f"{text.en}{NO_BREAK_SPACE}kr.")


def percent(value: Fraction | int) -> Sentence:
    """Return a fraction as a percentage, e.g. 3/5 as ``60 %``."""
    text = number(Fraction(value) * 100)
    return Sentence(f"{text.da}{NO_BREAK_SPACE}%", f"{text.en}{NO_BREAK_SPACE}%")


def listing(words: list[str], conjunction: Sentence | None = None) -> Sentence:
    """Return ``a, b og c`` / ``a, b and c``."""
    conjunction = conjunction or Sentence("og", "and")
    if len(words) <= 1:
        return same("".join(words))
    start = ", ".join(words[:-1])
    return Sentence(
        f"{start} {conjunction.da} {words[-1]}", f"{start} {conjunction.en} {words[-1]}"
    )
