"""From values back to JSON: the inverse of :mod:`optimizer.reading`."""

import dataclasses
import json
from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any

from optimizer.filters import Filter
from optimizer.quantity import MISSING, Kind, quantities
from optimizer.tagged import Tagged

Json = Any


def plain_number(value: Fraction | int) -> int | float:
    """Return a whole number as int, else the float whose shortest decimal it is."""
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else float(exact)


def number_or_null(value: Fraction | int | None) -> int | float | None:
    """Return a number as JSON, null where there is none."""
    return None if value is None else plain_number(value)


def plain(value: object, kind: Kind | None = None) -> Json:
    """Return the JSON value of a field."""
    match value:
        case None if kind == "payers":
            return "all"
        case StrEnum():
            return value.value
        case bool() | None | str():
            return value
        case int() | Fraction():
            return plain_number(value)
        case frozenset():
            return sorted(value)
        case Filter():
            return filter_document(value)
        case Mapping():
            return {str(key): plain(item) for key, item in sorted(value.items())}
        case tuple() | list():
            return [plain(item) for item in value]
    message = f"no JSON form for {type(value).__name__}"
    raise TypeError(message)


def filter_document(where: Filter) -> dict[str, Json]:
    """Return the given keys of a filter."""
    pairs = ((f.name, getattr(where, f.name)) for f in dataclasses.fields(where))
    return {name: plain(value) for name, value in pairs if value is not None}


def tagged_document(rule: Tagged, key: str, *, full: bool = False) -> dict[str, Json]:
    """Return a limit, objective term or relation as JSON.

    Parameters
    ----------
    key : str
        The key of the family that holds the tag: ``tag``, ``of`` or ``kind``.
    full : bool
        Write defaults too (the canonical form).
    """
    document: dict[str, Json] = {key: rule.tag}
    defaults = {f.name: f.default for f in dataclasses.fields(rule)}
    for name, about in quantities(type(rule)).items():
        value = getattr(rule, name)
        if full or defaults[name] is MISSING or value != defaults[name]:
            document[name] = plain(value, about.kind)
    return document


def canonical_text(document: Json) -> str:
    """Return JSON with sorted keys and no blanks, the form that is hashed and compared."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
