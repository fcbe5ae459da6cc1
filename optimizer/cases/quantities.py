"""Reading and writing the numbers of a case document: exact, uncertain, by year.

A number is a JSON number, or a text such as ``"1/3"`` where no decimal says it exactly. An
uncertain one is a number, or ``{"expected", "low"?, "high"?, "counted"?: [successes, observed]}``.
"""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from optimizer.cases.uncertain import Counted, Uncertain
from optimizer.reading import Json, ObjectReader, shown
from optimizer.sentence import number
from optimizer.writing import plain_number

FRACTION = re.compile(r"-?[0-9]{1,30}/[1-9][0-9]{0,29}")
YEARS_AFTER = re.compile(r"0|[1-9][0-9]?")
#: years after the start, and years of a durability, at most
LONGEST = 100
UNCERTAIN_KEYS = ("expected", "low", "high", "counted")
Bound = Fraction | int | None
#: reads a value at a path; None after noting what is wrong
Read = Callable[[Json, str], Any]


def exact(reader: ObjectReader, value: Json, path: str) -> Fraction | None:
    """Read a number, or a text such as ``"1/3"``."""
    if isinstance(value, str) and FRACTION.fullmatch(value):
        return Fraction(value)
    return reader.number_value(value, path)


def exact_document(value: Fraction | int) -> Json:
    """Return the JSON number that says it exactly, else a text such as ``"1/3"``.

    >>> exact_document(Fraction(3, 8)), exact_document(Fraction(1, 3)), exact_document(40)
    (0.375, '1/3', 40)
    """
    whole = Fraction(value)
    written = plain_number(whole)
    if isinstance(written, int) or Fraction(repr(written)) == whole:
        return written
    return f"{whole.numerator}/{whole.denominator}"


def bounded(
    reader: ObjectReader, value: Json, path: str, least: Bound = None, most: Bound = None
) -> Fraction | None:
    """Read a number between two bounds, both included."""
    found = exact(reader, value, path)
    if found is not None and not inside(reader, found, path, least, most):
        return None
    return found


def inside(
    reader: ObjectReader, value: Fraction | int, path: str, least: Bound, most: Bound
) -> bool:
    """Note where a number is below ``least`` or above ``most``."""
    found = number(value)
    if least is not None and value < least:
        limit = number(least)
        reader.reading.wrong(
            path,
            f"Skal være mindst {limit.da}, ikke {found.da}.",
            f"Must be at least {limit.en}, not {found.en}.",
        )
        return False
    if most is not None and value > most:
        limit = number(most)
        reader.reading.wrong(
            path,
            f"Må højst være {limit.da}, ikke {found.da}.",
            f"May be at most {limit.en}, not {found.en}.",
        )
        return False
    return True


def number_at(
    reader: ObjectReader,
    key: str,
    least: Bound = None,
    most: Bound = None,
    *,
    default: Fraction | int | None = None,
) -> Fraction | None:
    """Read the number at a key; without ``default`` it is required."""
    value = reader.get(key, required=default is None)
    if value is None:
        return None if default is None else Fraction(default)
    return bounded(reader, value, reader.at(key), least, most)


def whole_at(
    reader: ObjectReader, key: str, least: int, most: int, *, default: int | None = None
) -> int | None:
    """Read the whole number at a key; without ``default`` it is required."""
    found = reader.whole(key, required=default is None)
    if found is None:
        return default
    return found if inside(reader, found, reader.at(key), least, most) else None


def uncertain(
    reader: ObjectReader, value: Json, path: str, least: Bound = None, most: Bound = None
) -> Uncertain | None:
    """Read an uncertain number whose low, expected and high lie between two bounds."""
    if not isinstance(value, Mapping):
        found = bounded(reader, value, path, least, most)
        return None if found is None else Uncertain(found)
    inner = ObjectReader(reader.reading, value, path, UNCERTAIN_KEYS)
    counted = _counted(inner)
    ends = {}
    for key in ("expected", "low", "high"):
        if inner.value.get(key) is not None:
            ends[key] = bounded(inner, inner.value[key], inner.at(key), least, most)
            if ends[key] is None:
                return None
        else:
            ends[key] = None
    middle = ends["expected"]
    if middle is None and counted is not None:
        middle = counted.share
    if middle is None:
        if inner.value.get("counted") is None:
            inner.get("expected", required=True)
        return None
    return _ordered(inner, middle, ends["low"], ends["high"], counted)


def _ordered(
    reader: ObjectReader,
    middle: Fraction,
    low: Fraction | None,
    high: Fraction | None,
    counted: Counted | None,
) -> Uncertain | None:
    if low is not None and low > middle:
        reader.wrong("low", "Lav må højst være det forventede.", "Low may be at most the expected.")
        return None
    if high is not None and high < middle:
        reader.wrong(
            "high", "Høj skal mindst være det forventede.", "High must be at least the expected."
        )
        return None
    return Uncertain(middle, low, high, counted)


def _counted(reader: ObjectReader) -> Counted | None:
    if reader.value.get("counted") is None:
        return None
    pairs = reader.items("counted")
    found = [reader.whole_value(item, path, kroner=False) for item, path in pairs]
    successes, observed = found if len(found) == 2 else (None, None)  # noqa: PLR2004 - x of n
    if len(found) != 2 or (  # noqa: PLR2004
        successes is not None and observed is not None and not 0 <= successes <= observed
    ):
        reader.wrong(
            "counted",
            "Skriv [antal succeser, antal observerede], fx [8, 20].",
            "Write [successes, observed], e.g. [8, 20].",
        )
        return None
    if observed == 0:
        reader.wrong("counted", "Mindst én skal være observeret.", "At least one must be observed.")
        return None
    return None if successes is None or observed is None else Counted(successes, observed)


def uncertain_document(value: Uncertain) -> Json:
    """Return an uncertain number as JSON, shortest form."""
    if value.is_exact and value.counted is None:
        return exact_document(value.expected)
    document: dict[str, Json] = {}
    counted = value.counted
    if counted is None or counted.share != value.expected:
        document["expected"] = exact_document(value.expected)
    if value.low != value.expected:
        document["low"] = exact_document(value.low)
    if value.high != value.expected:
        document["high"] = exact_document(value.high)
    if counted is not None:
        document["counted"] = [counted.successes, counted.observed]
    return document


def by_years_after(reader: ObjectReader, key: str, read: Read) -> dict[int, Any]:
    """Read ``{"0": value, "1": value}``, by years after the start."""
    value = reader.get(key, required=True)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        reader.wrong(
            key,
            f'Her skal stå værdier efter år siden start, {{"0": …}}, ikke {shown(value)}.',
            f'Values by years after the start, {{"0": …}}, belong here, not {shown(value)}.',
        )
        return {}
    inner = ObjectReader(reader.reading, value, reader.at(key), tuple(value))
    found = {}
    for text, item in value.items():
        at = inner.at(text)
        if YEARS_AFTER.fullmatch(text) is None:
            reader.reading.wrong(
                at,
                f"Skriv år efter start som 0, 1, 2 …, ikke {shown(text)}.",
                f"Write years after the start as 0, 1, 2 …, not {shown(text)}.",
            )
            continue
        amount = read(item, at)
        if amount is not None:
            found[int(text)] = amount
    return found


def row_document(row: Mapping[int, Any], write: Callable[[Any], Json]) -> dict[str, Json]:
    """Return the pairs of a row by year, written."""
    return {str(year): write(value) for year, value in row.items()}
