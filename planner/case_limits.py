"""How much a business case may hold, the same in the form and in a workbook."""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum

from optimizer import FlowKind

LONGEST_TEXT = 4_000
MOST_TAGS = 20
LONGEST_TAG = 60
MOST_OPTIONS = 12
MOST_LINES = 60
LONGEST_LINE = 200
LONGEST_BUDGET_LINE = 100
MOST_MEASURES = 20
LONGEST_MEASURE = 100
MOST_DECIMALS = 6
MOST_MEASURED = Decimal(10) ** 12


class AmountFault(StrEnum):
    """What may be wrong with the amounts of one year."""

    SIGN = "sign"
    LOW = "low"
    HIGH = "high"


def is_storable(text: str) -> bool:
    """Say whether every database takes the text: no control characters but tab and new line."""
    return all(c in "\t\n\r" or (ord(c) >= 0x20 and ord(c) != 0x7F) for c in text)  # noqa: PLR2004


def amount_faults(
    kind: str, amount: int, low: int | None, high: int | None
) -> Iterator[tuple[str, AmountFault]]:
    """Yield what is wrong with the estimates of one year, each with the estimate it stands at.

    >>> list(amount_faults("saving", 5, 6, None))
    [('low', <AmountFault.LOW: 'low'>)]
    """
    if kind != FlowKind.SAVING and max(amount, low or amount, high or amount) > 0:
        at = "amount" if amount > 0 else "low" if (low or 0) > 0 else "high"
        yield at, AmountFault.SIGN
    elif low is not None and low > amount:
        yield "low", AmountFault.LOW
    if high is not None and high < amount:
        yield "high", AmountFault.HIGH
