"""Values of a form, of a row in a workbook or of stored JSON as an entry of the shelf, and back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from optimizer.errors import BundlinjeError
from optimizer.quantity import Quantity, is_required, quantities
from optimizer.sentence import Sentence, number, percent
from optimizer.shelf import CONTENTS, Content, ShelfKind

Value = int | Fraction | str | None
#: so many digits survive a spreadsheet, which holds binary numbers
MOST_DIGITS = 15

FILL_IN = Sentence("Udfyld feltet.", "Fill in this field.")


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong at one field.

    Examples
    --------
    >>> FieldError("unit", FILL_IN).message.en
    'Fill in this field.'
    """

    field: str
    message: Sentence


class ShelfErrors(BundlinjeError):  # noqa: N818 - it holds all of them at once
    """The values are no valid entry; ``errors`` holds every mistake, in the order of the fields.

    Examples
    --------
    >>> ShelfErrors([FieldError("unit", FILL_IN)]).errors[0].field
    'unit'
    """

    def __init__(self, errors: list[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(f"{e.field}: {e.message.en}" for e in errors))


def content_of(kind: ShelfKind, values: Mapping[str, Value]) -> Content:
    """Return the entry that ``values`` say.

    Parameters
    ----------
    values : mapping of field name to value
        Whole numbers as int, others as Fraction, words as str; what is missing or None takes the
        field's default.

    Raises
    ------
    ShelfErrors
        With every mistake.

    Examples
    --------
    >>> content_of(ShelfKind.CONSEQUENCE, {"unit_price": "d", "year_0": Fraction(-1, 2)}).by_year
    (Fraction(-1, 2),)
    >>> try:
    ...     content_of(ShelfKind.CONSEQUENCE, {"year_0": 12})
    ... except ShelfErrors as wrong:
    ...     print(wrong.errors[0].field)
    unit_price
    """
    cls = CONTENTS[kind]
    arguments: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, about in quantities(cls).items():
        value = values.get(name)
        if value is None or value == "":
            if is_required(cls, name):
                errors.append(FieldError(name, FILL_IN))
            continue
        wrong = _fault(value, about)
        if wrong is None:
            arguments[name] = _typed(value, about)
        else:
            errors.append(FieldError(name, wrong))
    # fields that are wrong are kept out of what is weighed against each other
    if not any(error.field.startswith(cls.WEIGHED) for error in errors):
        stand_ins = {error.field: None for error in errors}
        weighed = cls(**(stand_ins | arguments))
        errors += [FieldError(name, message) for name, message in weighed.problems()]
    if errors:
        raise ShelfErrors(errors)
    return cls(**arguments)


def _typed(value: Any, about: Quantity) -> Any:
    if about.kind in {"text", "choice"}:
        return value
    return Fraction(value) if about.kind in {"share", "number"} else int(value)


def _fault(value: Value, about: Quantity) -> Sentence | None:
    """Say what is wrong with one value that is there; None where nothing is."""
    if about.kind == "text":
        return _text_fault(value, about)
    if about.kind == "choice":
        return _choice_fault(value, about)
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
        return Sentence(f"»{value}« er ikke et tal.", f"“{value}” is not a number.")
    if about.kind in {"kroner", "count", "year"} and Fraction(value).denominator != 1:
        said = number(value)
        return Sentence(
            f"{said.da} er ikke et helt tal.", f"{said.en} is not a whole number."
        )  # fmt: skip
    return _bound_fault(Fraction(value), about) or _digits_fault(Fraction(value))


def _text_fault(value: Value, about: Quantity) -> Sentence | None:
    if not isinstance(value, str):
        return Sentence(f"{value} er et tal; skriv tekst.", f"{value} is a number; write text.")
    most = int(about.maximum or 0)
    if len(value) > most:
        return Sentence(
            f"Teksten er på {len(value)} tegn; der er plads til {most}.",
            f"The text has {len(value)} characters; there is room for {most}.",
        )
    return None


def _choice_fault(value: Value, about: Quantity) -> Sentence | None:
    if value in {choice.value for choice in about.choices}:
        return None
    danish = ", ".join(choice.label.da for choice in about.choices)
    english = ", ".join(choice.label.en for choice in about.choices)
    return Sentence(
        f"»{value}« er ikke en mulighed; vælg mellem {danish}.",
        f"“{value}” is no choice; choose one of {english}.",
    )


def _bound_fault(value: Fraction, about: Quantity) -> Sentence | None:
    say = percent if about.kind == "share" else number
    if about.kind == "year":
        low, high = (Sentence(str(bound), str(bound)) for bound in (about.minimum, about.maximum))
        if not (about.minimum or 0) <= value <= (about.maximum or 0):
            return Sentence(
                f"Skriv et årstal fra {low} til {high}.", f"Write a year from {low} to {high}."
            )
        return None
    if about.minimum is not None and value < about.minimum:
        found, least = say(value), say(about.minimum)
        return Sentence(
            f"{found.da} er for lidt; skriv mindst {least.da}.",
            f"{found.en} is too little; write at least {least.en}.",
        )
    if about.maximum is not None and value > about.maximum:
        found, most = say(value), say(about.maximum)
        return Sentence(
            f"{found.da} er for meget; skriv højst {most.da}.",
            f"{found.en} is too much; write at most {most.en}.",
        )
    return None


def _digits_fault(value: Fraction) -> Sentence | None:
    if len(decimal_text(value).replace("-", "").replace(".", "").strip("0")) <= MOST_DIGITS:
        return None
    return Sentence(
        f"Skriv højst {MOST_DIGITS} cifre.", f"Write at most {MOST_DIGITS} digits."
    )  # fmt: skip


def decimal_text(value: Fraction | int) -> str:
    """Return a number as decimal text; a fraction that has no end as ``1/3``.

    Examples
    --------
    >>> decimal_text(Fraction(2249, 10000)), decimal_text(-3), decimal_text(Fraction(1, 3))
    ('0.2249', '-3', '1/3')
    """
    exact = Fraction(value)
    rest = exact.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return str(exact)
    places = 0
    while (exact * 10**places).denominator != 1:
        places += 1
    scaled = (exact * 10**places).numerator
    return format(Decimal(scaled).scaleb(-places), "f") if places else str(scaled)


def values_of(content: Content) -> dict[str, Value]:
    """Return every field of an entry by name: what :func:`content_of` makes it from again.

    Examples
    --------
    >>> from optimizer.shelf import ShelfConsequence
    >>> consequence = ShelfConsequence(unit_price="d", year_0=Fraction(-90))
    >>> content_of(ShelfKind.CONSEQUENCE, values_of(consequence)) == consequence
    True
    """
    return {name: getattr(content, name) for name in quantities(type(content))}


# --- JSON -----------------------------------------------------------------------------------------


def content_document(content: Content) -> dict[str, int | str]:
    """Return the fields that differ from their defaults, whole kroner as int, others as text.

    Examples
    --------
    >>> from optimizer.shelf import ShelfConsequence
    >>> content_document(ShelfConsequence(unit_price="doegn", year_0=Fraction(-1, 2)))
    {'unit_price': 'doegn', 'year_0': '-0.5'}
    """
    return {
        name: decimal_text(value) if isinstance(value, Fraction) else value
        for name, value in _given(content)
    }


def _given(content: Content) -> Iterator[tuple[str, Any]]:
    for name in quantities(type(content)):
        value = getattr(content, name)
        # zero shares and quantities are the default and say nothing; a zero price does
        is_silent = value is None or value == "" or (isinstance(value, Fraction) and not value)
        is_rate = name.startswith("p_") or name == "effect_size"
        if not is_silent or (is_rate and value is not None):
            yield name, value


def content_from_document(kind: ShelfKind, document: Mapping[str, Any]) -> Content:
    """Return the entry that :func:`content_document` wrote.

    Raises
    ------
    ShelfErrors
        When the document is not one of this kind.

    Examples
    --------
    >>> content_from_document(ShelfKind.CONSEQUENCE, {"unit_price": "d", "year_0": "-0.5"}).by_year
    (Fraction(-1, 2),)
    """
    about = quantities(CONTENTS[kind])
    unknown = [name for name in document if name not in about]
    if unknown:
        raise ShelfErrors(
            [
                FieldError(name, Sentence("Feltet findes ikke.", "There is no such field."))
                for name in unknown
            ]
        )
    return content_of(kind, {n: _from_json(v, about[n]) for n, v in document.items()})


def _from_json(value: Any, about: Quantity) -> Any:
    if about.kind in {"share", "number"} and isinstance(value, str):
        try:
            return Fraction(value) if "/" in value else Fraction(Decimal(value))
        except (ValueError, InvalidOperation, ZeroDivisionError, OverflowError):
            return value
    return value


# --- Two versions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of two versions.

    Parameters
    ----------
    about : Quantity
        Its words and unit.
    old, new : int, Fraction, str or None
        What it was and what it is.
    """

    field: str
    about: Quantity
    old: Value
    new: Value

    @property
    def is_changed(self) -> bool:
        """Whether the two differ."""
        return self.old != self.new

    @property
    def by(self) -> Fraction | None:
        """New minus old; None where they are no numbers, or years."""
        if self.about.kind == "year" or not self.is_changed:
            return None
        if isinstance(self.old, (int, Fraction)) and isinstance(self.new, (int, Fraction)):
            return Fraction(self.new) - Fraction(self.old)
        return None


def differences(old: Content, new: Content) -> tuple[Difference, ...]:
    """Return every field of two versions of the same kind side by side.

    Raises
    ------
    TypeError
        When they are of different kinds.

    Examples
    --------
    >>> from optimizer.shelf import ShelfConsequence
    >>> old = ShelfConsequence(unit_price="d", year_0=Fraction(-90))
    >>> new = ShelfConsequence(unit_price="d", year_0=Fraction(-60))
    >>> [(d.field, int(d.by)) for d in differences(old, new) if d.is_changed]
    [('year_0', 30)]
    """
    if type(old) is not type(new):
        raise TypeError("two versions of an entry are of the same kind")
    return tuple(
        Difference(name, about, getattr(old, name), getattr(new, name))
        for name, about in quantities(type(new)).items()
    )
