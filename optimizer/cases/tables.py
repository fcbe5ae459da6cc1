"""The tables behind a case as JSON, both ways: the price index, and the state's rules.

``{"source", "index": {"2025": 100, "2026": 103.1}}`` is an index of price levels. A rule book is::

    {"refusion":       [{"valid_from": "2016-01-01", "steps": [[1, 0.8], ...], "source"}],
     "central_refund": [{"valid_from", "limits": [[860000, 0.25], ...], "price_year", "source"}],
     "shelter":        [{"valid_from", "share": 0.5, "days": 120 | null, "source"}]}

Steps are [first week, the state's share from it]; limits are [kroner, share of the part above].
"""

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

from optimizer.cases.errors import CaseErrors
from optimizer.cases.prices import PriceLevels
from optimizer.cases.quantities import bounded, exact_document, number_at, row_document, whole_at
from optimizer.cases.refunds import CentralRefund, RefusionStaircase, Rule, RuleBook, ShelterRefund
from optimizer.reading import Json, ObjectReader, Reading, shown

R = TypeVar("R", bound=Rule)
Pairs = tuple[tuple[int, Fraction], ...]
GREATEST_INDEX = 1_000_000
DAYS_OF_A_YEAR = 366


def price_levels_from_document(document: Json) -> PriceLevels:
    """Return the price levels that a JSON document holds.

    Raises
    ------
    CaseErrors
        Holds every mistake, each with its path.

    Examples
    --------
    >>> levels = price_levels_from_document(
    ...     {"source": "opdigtet eksempel", "index": {"2025": 100, "2026": 103.1}}
    ... )
    >>> levels.kroner(2026, 1000, price_year=2025)
    1031
    """
    reading = Reading()
    reader = ObjectReader(reading, document, "", ("source", "index"))
    source = reader.text("source")

    def above_zero(value: Json, path: str) -> Fraction | None:
        found = bounded(reader, value, path, 0, GREATEST_INDEX)
        if found == 0:
            reading.wrong(path, "Skal være over 0.", "Must be above 0.")
        return found

    index = reader.by_year("index", above_zero)
    if reading.errors:
        raise CaseErrors(reading.errors)
    return PriceLevels(index or {}, source or "")


def price_levels_document(levels: PriceLevels) -> dict[str, Json]:
    """Return price levels as JSON.

    Examples
    --------
    >>> price_levels_document(PriceLevels({2026: Fraction(1031, 10)}, "opdigtet eksempel"))
    {'source': 'opdigtet eksempel', 'index': {'2026': 103.1}}
    """
    return {"source": levels.source, "index": row_document(levels.index, exact_document)}


def rules_from_document(document: Json) -> RuleBook:
    """Return the rule book that a JSON document holds.

    Raises
    ------
    CaseErrors
        Holds every mistake, each with its path.

    Examples
    --------
    >>> from optimizer.cases.refunds import RULES
    >>> rules_from_document(rules_document(RULES)) == RULES
    True
    """
    reading = Reading()
    top = ObjectReader(reading, document, "", ("refusion", "central_refund", "shelter"))
    book = RuleBook(
        refusion=_entries(top, "refusion", ("steps",), _staircase),
        central=_entries(top, "central_refund", ("limits", "price_year"), _central),
        shelter=_entries(top, "shelter", ("share", "days"), _shelter),
    )
    if reading.errors:
        raise CaseErrors(reading.errors)
    return book


def rules_document(rules: RuleBook) -> dict[str, Json]:
    """Return a rule book as JSON.

    Examples
    --------
    >>> from optimizer.cases.refunds import RULES
    >>> rules_document(RULES)["refusion"][0]["steps"]
    [[1, 0.8], [5, 0.4], [27, 0.3], [53, 0.2]]
    """
    return {
        "refusion": [_dated(e) | {"steps": _written(e.steps)} for e in rules.refusion],
        "central_refund": [
            _dated(e) | {"limits": _written(e.limits), "price_year": e.price_year}
            for e in rules.central
        ],
        "shelter": [
            _dated(e) | {"share": exact_document(e.share), "days": e.days} for e in rules.shelter
        ],
    }


def _dated(entry: Rule) -> dict[str, Json]:
    return {"valid_from": entry.valid_from.isoformat(), "source": entry.source}


def _written(pairs: Pairs) -> list[Json]:
    return [[at, exact_document(share)] for at, share in pairs]


# ---- reading entries ----


def _entries(
    top: ObjectReader,
    key: str,
    keys: Iterable[str],
    read: Callable[[ObjectReader, date, str], R | None],
) -> tuple[R, ...]:
    found, seen = [], set[date]()
    for item, path in top.items(key, minimum=1):
        reader = ObjectReader(top.reading, item, path, ("valid_from", "source", *keys))
        day, source = _date(reader), reader.text("source")
        if day in seen:
            reader.wrong(
                "valid_from",
                f"To regler gælder fra {day}.",
                f"Two rules are valid from {day}.",
            )
        entry = read(reader, day or date.min, source or "")
        if day is not None:
            seen.add(day)
        if entry is not None:
            found.append(entry)
    return tuple(sorted(found, key=lambda entry: entry.valid_from))


def _date(reader: ObjectReader) -> date | None:
    text = reader.text("valid_from")
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        reader.wrong(
            "valid_from",
            f"Skriv en dato som 2026-04-01, ikke {shown(text)}.",
            f"Write a date as 2026-04-01, not {shown(text)}.",
        )
        return None
    return day


def _pairs(reader: ObjectReader, key: str) -> Pairs:
    """Read ``[[whole number, share], ...]`` with ascending whole numbers."""
    found = []
    for item, path in reader.items(key, minimum=1):
        if not isinstance(item, list) or len(item) != 2:  # noqa: PLR2004 - where, and how much
            reader.reading.wrong(
                path, "Skriv [grænse, andel], fx [5, 0.4].", "Write [limit, share], e.g. [5, 0.4]."
            )
            continue
        at = reader.whole_value(item[0], f"{path}[0]", kroner=True)
        share = bounded(reader, item[1], f"{path}[1]", 0, 1)
        if at is not None and share is not None:
            found.append((at, share))
    if any(later <= earlier for (earlier, _), (later, _) in pairwise(found)):
        reader.wrong(key, "Grænserne skal stige.", "The limits must ascend.")
    return tuple(found)


def _staircase(reader: ObjectReader, day: date, source: str) -> RefusionStaircase:
    steps = _pairs(reader, "steps")
    if steps and steps[0][0] != 1:
        reader.wrong(
            "steps", "Det første trin begynder i uge 1.", "The first step begins in week 1."
        )
    return RefusionStaircase(day, steps, source)


def _central(reader: ObjectReader, day: date, source: str) -> CentralRefund | None:
    limits, year = _pairs(reader, "limits"), reader.year("price_year")
    return None if year is None else CentralRefund(day, limits, year, source)


def _shelter(reader: ObjectReader, day: date, source: str) -> ShelterRefund | None:
    share = number_at(reader, "share", 0, 1)
    days = None
    if not reader.has("days"):
        reader.get("days", required=True)
    elif reader.value["days"] is not None:
        days = whole_at(reader, "days", 0, DAYS_OF_A_YEAR)
    return None if share is None else ShelterRefund(day, share, days, source)
