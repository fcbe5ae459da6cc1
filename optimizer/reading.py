"""Reading JSON with every mistake noted at its path, none of them fatal to the reading.

A reader method returns the value, or None (or an empty container) after noting what is wrong. The
caller goes on, and throws everything away at the end if anything was noted.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from optimizer.errors import PlanError
from optimizer.sentence import Sentence, listing

Json = Any
E = TypeVar("E", bound=StrEnum)

GREATEST_AMOUNT = 100_000_000_000
FIRST_YEAR, LAST_YEAR = 1900, 2200


class Doubled(dict[str, Json]):
    """A JSON object in which some keys stood more than once."""

    doubled: tuple[str, ...] = ()


@dataclass(slots=True)
class Reading:
    """What is wrong so far, and what must be checked when everything has been read."""

    errors: list[PlanError] = field(default_factory=list)
    years: list[tuple[str, int]] = field(default_factory=list)

    def wrong(self, path: str, da: str, en: str) -> None:
        """Note a mistake."""
        self.errors.append(PlanError(writable(path), Sentence(da, en)))


def writable(text: str) -> str:
    """Return ``text`` without half characters, which nothing can print or store."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def shown(value: Json) -> str:
    """Return what was found, short enough for an error message."""
    if isinstance(value, Mapping):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    text = (
        {True: "true", False: "false", None: "null"}.get(value)
        if not isinstance(value, (int, float, str)) or isinstance(value, bool)
        else None
    )
    text = text or (f"»{writable(value)}«" if isinstance(value, str) else str(value))
    return text if len(text) <= 60 else text[:57] + "…"  # noqa: PLR2004 - a line's worth


def child(path: str, key: str) -> str:
    """Return the path of a key of an object."""
    return f"{path}.{key}" if path else key


class ObjectReader:
    """One JSON object at a path. Unknown and doubled keys are noted at once."""

    def __init__(self, reading: Reading, value: Json, path: str, keys: Iterable[str]) -> None:
        self.reading = reading
        self.path = path
        self.is_object = isinstance(value, Mapping)
        self.value: Mapping[str, Json] = value if self.is_object else {}
        if not self.is_object:
            reading.wrong(
                path,
                f"Her skal stå et objekt {{…}}, ikke {shown(value)}.",
                f"An object {{…}} belongs here, not {shown(value)}.",
            )
            return
        allowed = tuple(keys)
        for key in getattr(value, "doubled", ()):
            reading.wrong(child(path, key), "Nøglen står to gange.", "The key stands twice.")
        for key in self.value:
            if key not in allowed:
                known = listing(list(allowed))
                reading.wrong(
                    child(path, key),
                    f"Ukendt nøgle. Kendte nøgler: {known.da}.",
                    f"Unknown key. Known keys: {known.en}.",
                )

    def at(self, key: str) -> str:
        """Return the path of ``key``."""
        return child(self.path, key)

    def has(self, key: str) -> bool:
        """Return whether the key is there, also if it holds null."""
        return key in self.value

    def wrong(self, key: str, da: str, en: str) -> None:
        """Note a mistake at ``key`` (at the object itself for "")."""
        self.reading.wrong(self.at(key) if key else self.path, da, en)

    def get(self, key: str, *, required: bool) -> Json:
        """Return the raw value; None and a note where a required key is missing."""
        if key not in self.value:
            if required and self.is_object:
                self.wrong(key, "Mangler.", "Missing.")
            return None
        value = self.value[key]
        if value is None and required:
            self.wrong(key, "Må ikke være null.", "May not be null.")
        return value

    # ---- single values ----

    def text(self, key: str, *, required: bool = True, empty: bool = False) -> str | None:
        """Read a string; blank only where ``empty``."""
        value = self.get(key, required=required)
        return None if value is None else self.text_value(value, self.at(key), empty=empty)

    def text_value(self, value: Json, path: str, *, empty: bool = False) -> str | None:
        """Read a string at a path."""
        if not isinstance(value, str):
            self.reading.wrong(
                path,
                f"Her skal stå en tekst, ikke {shown(value)}.",
                f"A text belongs here, not {shown(value)}.",
            )
            return None
        if not value.strip() and not empty:
            self.reading.wrong(path, "Må ikke være tom.", "May not be empty.")
            return None
        if writable(value) != value:
            self.reading.wrong(
                path,
                f"Teksten har et halvt tegn, som ikke kan skrives eller gemmes: {shown(value)}.",
                f"The text has half a character, which cannot be stored: {shown(value)}.",
            )
            return None
        return value

    def id(self, key: str = "id") -> str | None:
        """Read an id: a non-empty string without ``/``, ``,`` and ``@``."""
        value = self.text(key)
        if value is not None and set(value) & set("/,@"):
            self.wrong(
                key,
                f"Et id må ikke indeholde »/«, »,« eller »@«: {shown(value)}.",
                f"An id may not contain “/”, “,” or “@”: {shown(value)}.",
            )
        return value

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """Read true or false; without ``default`` it is required."""
        value = self.get(key, required=default is None)
        if value is None:
            return bool(default)
        if not isinstance(value, bool):
            self.wrong(
                key,
                f"Her skal stå true eller false, ikke {shown(value)}.",
                f"true or false belongs here, not {shown(value)}.",
            )
            return bool(default)
        return value

    def choice(self, key: str, words: type[E], default: E | None = None) -> E | None:
        """Read one word of an enumeration; without ``default`` it is required."""
        value = self.get(key, required=default is None)
        if value is None:
            return default
        if isinstance(value, str) and value in words._value2member_map_:
            return words(value)
        known = listing([w.value for w in words], Sentence("eller", "or"))
        self.wrong(
            key,
            f"{shown(value)} kendes ikke her; skriv {known.da}.",
            f"{shown(value)} is not known here; write {known.en}.",
        )
        return default

    def number(self, key: str, *, required: bool = True) -> Fraction | None:
        """Read any finite number."""
        value = self.get(key, required=required)
        return None if value is None else self.number_value(value, self.at(key))

    def number_value(self, value: Json, path: str) -> Fraction | None:
        """Read a finite number at a path, as the shortest decimal of its double."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.reading.wrong(
                path,
                f"Her skal stå et tal, ikke {shown(value)}.",
                f"A number belongs here, not {shown(value)}.",
            )
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self.reading.wrong(
                path, "Her skal stå et endeligt tal.", "A finite number belongs here."
            )
            return None
        if isinstance(value, int) and abs(value) > 10**300:
            self.reading.wrong(path, "Tallet er for stort.", "The number is too large.")
            return None
        return Fraction(value) if isinstance(value, int) else Fraction(repr(value))

    def whole(self, key: str, *, required: bool = True) -> int | None:
        """Read a whole number."""
        value = self.get(key, required=required)
        return None if value is None else self.whole_value(value, self.at(key), kroner=False)

    def whole_value(self, value: Json, path: str, *, kroner: bool) -> int | None:
        """Read a whole number (of kroner) at a path; ``1200000.0`` is accepted, ``0.5`` is not."""
        if type(value) is int and -GREATEST_AMOUNT <= value <= GREATEST_AMOUNT:
            return value  # nearly every number of a large file
        exact = self.number_value(value, path)
        if exact is None:
            return None
        if exact.denominator != 1:
            unit_da, unit_en = (" kroner", " kroner") if kroner else ("", "")
            self.reading.wrong(
                path,
                f"Skriv hele{unit_da or ' tal'}, ikke {shown(value)}.",
                f"Write whole{unit_en or ' numbers'}, not {shown(value)}.",
            )
            return None
        if kroner and abs(exact) > GREATEST_AMOUNT:
            self.reading.wrong(
                path,
                "Beløbet er over 100 mia. kr.",
                "The amount is over 100 billion kroner.",
            )
            return None
        return int(exact)

    def kroner(self, key: str, *, required: bool = True) -> int | None:
        """Read an amount in whole kroner."""
        value = self.get(key, required=required)
        return None if value is None else self.whole_value(value, self.at(key), kroner=True)

    def year(self, key: str, *, in_horizon: bool = False) -> int | None:
        """Read a calendar year; ``in_horizon`` has it checked against the horizon later."""
        value = self.get(key, required=True)
        return None if value is None else self.year_value(value, self.at(key), in_horizon)

    def year_value(self, value: Json, path: str, in_horizon: bool = False) -> int | None:  # noqa: FBT001, FBT002
        """Read a calendar year at a path."""
        year = self.whole_value(value, path, kroner=False)
        if year is None:
            return None
        if not FIRST_YEAR <= year <= LAST_YEAR:
            self.reading.wrong(
                path,
                f"Skriv et årstal fra {FIRST_YEAR} til {LAST_YEAR}, ikke {shown(value)}.",
                f"Write a year from {FIRST_YEAR} to {LAST_YEAR}, not {shown(value)}.",
            )
            return None
        if in_horizon:
            self.reading.years.append((path, year))
        return year

    # ---- containers ----

    def items(self, key: str, *, required: bool = True, minimum: int = 0) -> list[tuple[Json, str]]:
        """Read a list: its values, each with its path."""
        value = self.get(key, required=required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(
                key,
                f"Her skal stå en liste […], ikke {shown(value)}.",
                f"A list […] belongs here, not {shown(value)}.",
            )
            return []
        if len(value) < minimum:
            self.wrong(
                key,
                f"Listen skal have mindst {minimum}.",
                f"The list must hold at least {minimum}.",
            )
        return [(item, f"{self.at(key)}[{n}]") for n, item in enumerate(value)]

    def texts(self, key: str, *, required: bool = True, minimum: int = 0) -> tuple[str, ...] | None:
        """Read a list of strings; None where it is absent."""
        if not self.has(key) or self.value[key] is None:
            self.get(key, required=required)
            return None
        items = self.items(key, minimum=minimum)
        texts = (self.text_value(item, path) for item, path in items)
        return tuple(text for text in texts if text is not None)

    def references(
        self,
        key: str,
        known: Collection[str],
        *,
        required: bool = True,
        minimum: int = 0,
        distinct: bool = False,
    ) -> tuple[str, ...] | None:
        """Read a list of ids that must exist (and, where ``distinct``, differ)."""
        if not self.has(key) or self.value[key] is None:
            self.get(key, required=required)
            return None
        found: list[str] = []
        for item, path in self.items(key, minimum=minimum):
            text = self.text_value(item, path)
            if text is None:
                continue
            if self.exists(text, path, known) and distinct and text in found:
                self.reading.wrong(
                    path, f"{shown(text)} står to gange.", f"{shown(text)} stands twice."
                )
            found.append(text)
        return tuple(found)

    def reference(self, key: str, known: Collection[str], *, required: bool = True) -> str | None:
        """Read one id that must exist."""
        text = self.text(key, required=required)
        if text is not None:
            self.exists(text, self.at(key), known)
        return text

    def exists(self, text: str, path: str, known: Collection[str]) -> bool:
        """Note where ``text`` is not among the known ids."""
        if text in known:
            return True
        names = list(known)
        some = listing(names[:12], Sentence("eller", "or"))
        more = " …" if len(names) > 12 else ""  # noqa: PLR2004 - enough to choose from
        self.reading.wrong(
            path,
            f"{shown(text)} findes ikke; kendte: {some.da or 'ingen'}{more}.",
            f"{shown(text)} does not exist; known: {some.en or 'none'}{more}.",
        )
        return False

    def by_year(
        self, key: str, read: Callable[[Json, str], Any], *, required: bool = True
    ) -> dict[int, Any] | None:
        """Read ``{"2027": value}``; years are checked against the horizon later."""
        value = self.get(key, required=required)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.wrong(
                key,
                f'Her skal stå beløb år for år, {{"2027": …}}, ikke {shown(value)}.',
                f'Values by year, {{"2027": …}}, belong here, not {shown(value)}.',
            )
            return None
        return self.year_items(value, self.at(key), read)

    def year_items(
        self, value: Mapping[str, Json], path: str, read: Callable[[Json, str], Any]
    ) -> dict[int, Any]:
        """Read the pairs of year and value of an object."""
        for key in getattr(value, "doubled", ()):
            self.reading.wrong(child(path, key), "Året står to gange.", "The year stands twice.")
        result = {}
        for text, item in value.items():
            at = child(path, text)
            year = year_of(text)
            if year is None:
                self.reading.wrong(
                    at, f"{shown(text)} er ikke et årstal.", f"{shown(text)} is not a year."
                )
            else:
                self.reading.years.append((at, year))
            amount = read(item, at)
            if year is not None and amount is not None:
                result[year] = amount
        return dict(sorted(result.items()))


def year_of(text: str) -> int | None:
    """Return the year that a key spells with four plain digits; None where it does not."""
    if (
        len(text) == len(str(FIRST_YEAR))
        and text.isascii()
        and text.isdigit()
        and FIRST_YEAR <= int(text) <= LAST_YEAR
    ):
        return int(text)
    return None


def unique_id(reader: ObjectReader, name: str | None, seen: dict[str, None]) -> str | None:
    """Return the id if it is new among ``seen``; note a doubled one at its place."""
    if name is None:
        return None
    if name in seen:
        found = shown(name)
        reader.wrong("id", f"{found} er brugt før.", f"{found} is used before.")
        return None
    seen[name] = None
    return name
