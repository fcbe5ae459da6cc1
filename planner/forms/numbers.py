"""Danish numbers as people write them; the same grammar in both languages.

``1.250.000`` and ``1250000`` are one and a quarter million, ``0,4`` is four tenths. What could be
read in two ways (``12.5``, ``1,250,000``) is refused rather than guessed.
"""

import re
from decimal import Decimal

MOST_KRONER = 100_000_000_000

_NUMBER = re.compile(r"-?(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?")
_KRONER = re.compile(r"-?(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[0-9]+)(?:,00?)?")
_LONGEST = 60


class NotANumberError(ValueError):
    """The text is not a number in Danish form."""


class NotWholeKronerError(NotANumberError):
    """The text is a number, but not whole kroner."""


class TooLargeError(ValueError):
    """The amount is beyond a hundred billion kroner."""


def _trimmed(text: str) -> str:
    return text.strip().replace("−", "-")


def parse_decimal(text: str) -> Decimal:
    """Return the number that ``text`` writes in Danish form.

    Examples
    --------
    >>> parse_decimal("1.234,5")
    Decimal('1234.5')

    Raises
    ------
    NotANumberError
        When it is anything else.
    """
    trimmed = _trimmed(text)
    if len(trimmed) > _LONGEST or not _NUMBER.fullmatch(trimmed):
        raise NotANumberError
    return Decimal(trimmed.replace(".", "").replace(",", "."))


def parse_kroner(text: str) -> int:
    """Return the whole kroner that ``text`` writes in Danish form.

    Examples
    --------
    >>> parse_kroner("−1.250.000")
    -1250000

    Raises
    ------
    NotWholeKronerError
        When it has øre, or could be kroner or thousands (``10,000``).
    NotANumberError
        When it is no number.
    TooLargeError
        When it is beyond a hundred billion.
    """
    amount = parse_decimal(text)
    if not _KRONER.fullmatch(_trimmed(text)):
        raise NotWholeKronerError
    if abs(amount) > MOST_KRONER:
        raise TooLargeError
    return int(amount)


def write_number(value: Decimal | int) -> str:
    """Return ``value`` in Danish form, as a field shows it: ``−1.234,5``."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    sign, digits = ("−", text[1:]) if text.startswith("-") else ("", text)
    whole, _, part = digits.partition(".")
    grouped = f"{int(whole):,}".replace(",", ".")
    return f"{sign}{grouped},{part}" if part else f"{sign}{grouped}"
