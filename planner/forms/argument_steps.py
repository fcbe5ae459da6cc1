"""The steps that make an argument: effects, consequences and costs, as fields and as a document.

Each step turns the part of the case document that it is about into fields, and fields back into
that part. An item that is not filled in to the end stays as fields and is left out of the document
until it is; what a form cannot show of an item is kept from the item that was there before.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optimizer.cases.from_shelf import Reference
from planner.forms.argument_fields import Json, Typed

LONGEST_ID = 60


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the fields of an argument are about.

    Parameters
    ----------
    years : sequence of int
        The calendar years that are offered.
    payers : sequence of (key, name, level)
    price_year : int
    effects : sequence of (id, outcome)
        Every effect that has been begun, also those that are not complete.
    options : sequence of (key, name)
        The options of the case: each is a variant of the argument.
    """

    years: Sequence[int]
    payers: Sequence[tuple[str, str, str]]
    price_year: int
    effects: Sequence[tuple[str, str]] = ()
    options: Sequence[tuple[str, str]] = ()

    @property
    def share_fields(self) -> list[str]:
        """Return the parts of the names of the purses' shares."""
        return [f"share-{key}" for key, _name, _level in self.payers]

    def payer_of(self, level: str) -> str:
        """Return the first purse of a level; an empty text where there is none."""
        return next((key for key, _name, found in self.payers if found == level), "")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a step, read.

    Parameters
    ----------
    prefix : str
        What the names of its fields begin with.
    document : dict or None
        None: not complete.
    """

    prefix: str
    id: str
    document: dict[str, Json] | None


def new_id(name: str, taken: Iterable[str]) -> str:
    """Return a short name that documents take, made from a text.

    Examples
    --------
    >>> new_id("Døgn på herberg", ["doegn-paa-herberg"])
    'doegn-paa-herberg-2'
    """
    plain = name.casefold().replace("æ", "ae").replace("ø", "oe").replace("å", "aa")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    wanted = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_ID] or "linje"
    known, number, found = set(taken), 2, wanted
    while found in known:
        found, number = f"{wanted}-{number}", number + 1
    return found


def item_id(typed: Typed, prefix: str, name: str, taken: set[str]) -> str:
    """Return the id of an item, made when it has none, and keep it among the fields."""
    found = typed.get(f"{prefix}id").strip()
    if not re.fullmatch(r"[a-z0-9-]{1,80}", found) or found in taken:
        found = new_id(name, taken)
    typed.values[f"{prefix}id"] = found
    taken.add(found)
    return found


def begun(typed: Typed, kind: str, beside: Iterable[str]) -> list[int]:
    """Return the numbers of the items that somebody has begun.

    Parameters
    ----------
    beside : iterable of str
        Parts that have something in them from the start.
    """
    left_out = tuple(beside)
    return [n for n in typed.places(kind) if not typed.is_blank(f"{kind}-{n}-", beside=left_out)]


def known_by_id(items: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return items of a document by their id."""
    return {item["id"]: item for item in items}


def item_name(typed: Typed, prefix: str, part: str, place: int, word: str) -> str:
    """Return what an item is called in errors: what was typed, else its number."""
    return typed.get(f"{prefix}{part}").strip() or f"{word} {place + 1}"


def reference_in(typed: Typed, name: str) -> dict[str, Json]:
    """Return which version of the shelf a hidden field says that an item was taken from."""
    found = Reference.read(typed.get(name))
    return {} if found is None else found.document


def reference_field(part: Mapping[str, Any]) -> str:
    """Return the hidden field that says so."""
    found = Reference.of(part)
    return "" if found is None else str(found)


def merged(
    known: Mapping[str, Any] | None, values: Mapping[str, Json], shown: Iterable[str]
) -> dict[str, Json]:
    """Return an item with its new values; parts that the form does not show stay as they were."""
    kept = {key: value for key, value in (known or {}).items() if key not in set(shown)}
    return kept | {key: value for key, value in values.items() if value not in (None, "", {}, [])}
