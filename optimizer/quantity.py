"""What a field of a tagged class means: the one place of its unit, bounds and words.

Every limit, objective term and relation is a frozen dataclass whose fields are made by
:func:`quantity`. Reading and writing plan files, the form in the browser and the method page are
all derived from the same metadata, so they cannot drift apart.
"""

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from optimizer.sentence import Sentence

Kind = Literal[
    "kroner",  # whole kroner
    "number",  # any finite number
    "share",  # a fraction from 0 to 1
    "count",  # a whole number, zero or more
    "year",  # a calendar year
    "years",  # [first, last]
    "kroner_by_year",  # {"2027": kroner}
    "flag",  # true or false
    "text",
    "payers",  # a list of payer ids, or "all"
    "payer",
    "intervention",
    "interventions",
    "options",  # a list of option keys, ``intervention/option``
    "fund",  # the id of an outcome fund, which is no pool
    "measure",  # the name of a measure that some option has
    "where",  # a filter
    "choice",  # one of ``choices``
]


@dataclass(frozen=True, slots=True)
class Choice:
    """One word that a field of kind ``choice`` may hold, with what a reader sees."""

    value: str
    label: Sentence


@dataclass(frozen=True, slots=True)
class Quantity:
    """Metadata of one field.

    Parameters
    ----------
    kind : Kind
        How it is written in JSON and asked for in a form.
    label, help : Sentence
        Words at the field in the browser and on the method page.
    unit : Sentence
        Shown inside the field's right edge; empty where there is none.
    minimum, maximum : Fraction or None
        Inclusive bounds; None where there is none. ``above`` is an exclusive lower bound.
    choices : tuple of Choice
        For kind ``choice``.
    """

    kind: Kind
    label: Sentence
    help: Sentence
    unit: Sentence
    minimum: Fraction | None = None
    maximum: Fraction | None = None
    above: Fraction | None = None
    choices: tuple[Choice, ...] = ()


NO_WORDS = Sentence("", "")
KRONER = Sentence("kr.", "kr.")
MISSING: Any = dataclasses.MISSING


def quantity(
    kind: Kind,
    label: Sentence,
    *,
    default: Any = MISSING,
    help: Sentence = NO_WORDS,  # noqa: A002 - the word of the interface
    unit: Sentence | None = None,
    minimum: Fraction | int | None = None,
    maximum: Fraction | int | None = None,
    above: Fraction | int | None = None,
    choices: tuple[Choice, ...] = (),
) -> Any:
    """Return a dataclass field that carries its :class:`Quantity`.

    Without ``default`` the key is required in a plan file.
    """
    if unit is None:
        unit = KRONER if kind in {"kroner", "kroner_by_year"} else NO_WORDS
    if kind == "share":
        minimum, maximum = minimum if minimum is not None else 0, maximum or 1
    if kind == "count":
        minimum = minimum if minimum is not None else 0
    about = Quantity(
        kind=kind,
        label=label,
        help=help,
        unit=unit,
        minimum=None if minimum is None else Fraction(minimum),
        maximum=None if maximum is None else Fraction(maximum),
        above=None if above is None else Fraction(above),
        choices=choices,
    )
    return dataclasses.field(default=default, metadata={"quantity": about})


def quantities(cls: type) -> dict[str, Quantity]:
    """Return the metadata of every field of ``cls`` that has some, by field name."""
    return {
        field.name: field.metadata["quantity"]
        for field in dataclasses.fields(cls)
        if "quantity" in field.metadata
    }


def is_required(cls: type, name: str) -> bool:
    """Return whether the field has no default, so that a plan file must give it."""
    field = next(f for f in dataclasses.fields(cls) if f.name == name)
    return field.default is MISSING and field.default_factory is MISSING
