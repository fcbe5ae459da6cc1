"""How the options of a case differ in size and start: fields of the step 'effect'.

Each option of the case is one variant of its argument. One that says nothing has the whole
argument; else a share of the citizens, own citizens by year instead, or a later start.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from optimizer.cases.quantities import exact_document
from planner.forms.argument_fields import Box, Json, Typed, number_in, shown
from planner.forms.argument_steps import Surroundings, merged
from planner.forms.effect_step import MOST_CITIZENS

KIND = "variant"
MOST_SCALE = 100
MOST_SHIFT = 20
SHOWN = ("id", "scale", "shift", "citizens")
Document = Mapping[str, Any]


def boxes() -> list[Box]:
    """Return the fields of one option."""
    return [
        Box(
            "scale",
            _("Share of the citizens"),
            _("100 when it is all of them. For instance 50."),
            unit="%",
            width="short",
            optional=True,
        ),
        Box(
            "shift",
            _("Starts later by"),
            _("0 when it starts as written. For instance 1."),
            unit=_("years"),
            width="short",
            optional=True,
        ),
    ]


def rows(around: Surroundings) -> list[tuple[str, str]]:
    """Return a row of own citizens for each effect, as (part of the name, words)."""
    return [(f"citizens-{key}", outcome) for key, outcome in around.effects]


def fields_of(variants: Sequence[Document], around: Surroundings) -> Typed:
    """Return the variants of a document as fields, one item for each option of the case."""
    known, typed = {variant["id"]: variant for variant in variants}, Typed()
    for place, (key, _title) in enumerate(around.options):
        variant, prefix = known.get(key, {}), f"{KIND}-{place}-"
        typed.values[f"{prefix}id"] = key
        typed.values[f"{prefix}scale"] = shown(variant.get("scale"), times=100)
        typed.values[f"{prefix}shift"] = shown(variant.get("shift"))
        for effect, row in (variant.get("citizens") or {}).items():
            for year, number in row.items():
                typed.values[f"{prefix}citizens-{effect}-{year}"] = shown(number)
    return typed


def read(typed: Typed, around: Surroundings, known: Sequence[Document]) -> list[dict[str, Json]]:
    """Return the variants that the fields say; an option that says nothing has none.

    A variant with a mistake stays as it was; the mistake is noted.
    """
    before = {variant["id"]: variant for variant in known}
    found = []
    for place, (key, _title) in enumerate(around.options):
        noted, stored = len(typed.errors), before.get(key)
        values = _values(typed, f"{KIND}-{place}-", around, stored)
        if len(typed.errors) > noted:
            document = dict(stored or {})
        else:
            document = merged(stored, {"id": key} | values, SHOWN)
        if set(document) - {"id"}:
            found.append(document)
    return found


def _values(
    typed: Typed, prefix: str, around: Surroundings, stored: Document | None
) -> dict[str, Json]:
    scale = _scale(typed, prefix, (stored or {}).get("scale"))
    label = _("Starts later by")
    shift = typed.whole(f"{prefix}shift", label, required=False, least=-MOST_SHIFT, most=MOST_SHIFT)
    citizens = {key: _citizens(typed, prefix, key, around) for key, _outcome in around.effects}
    return {
        "scale": None if scale is None or scale == 1 else exact_document(scale),
        "shift": shift or None,
        "citizens": {key: row for key, row in citizens.items() if row},
    }


def _scale(typed: Typed, prefix: str, before: Json) -> Fraction | None:
    name, label = f"{prefix}scale", _("Share of the citizens")
    if before is not None and typed.get(name) == shown(before, times=100):
        return number_in(before)  # a field shows fewer digits than a document may hold
    scale = typed.percent(name, label, required=False, inside=False)
    if scale is not None and not 0 <= scale <= MOST_SCALE:
        typed.note(name, _("%(field)s: write a percentage that is at least 0.", field=label))
        return None
    return scale


def _citizens(typed: Typed, prefix: str, effect: str, around: Surroundings) -> dict[str, int]:
    def read_one(name: str, label: str) -> int | None:
        return typed.whole(name, label, required=False, most=MOST_CITIZENS)

    found = typed.row(f"{prefix}citizens-{effect}", around.years, read_one, _("Citizens who start"))
    return {str(year): number for year, number in found.items()}
