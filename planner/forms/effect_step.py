"""The step 'effect': who starts, how many succeed with and without, and how long it lasts."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from optimizer.cases.quantities import exact_document
from planner.forms.argument_fields import Box, Json, Typed, shown, uncertain
from planner.forms.argument_steps import (
    Item,
    Surroundings,
    begun,
    item_id,
    item_name,
    known_by_id,
    merged,
    reference_field,
    reference_in,
)

KIND = "effect"
MOST_CITIZENS = 10_000_000
MOST_YEARS = 100
SHOWN = "id outcome citizens success without durability source entry version".split()
GROUPS = ("with", "without")
#: what an item may have before anybody has written in it
BESIDE = ("id", "shelf")


def first_boxes() -> list[Box]:
    """Return what a success is."""
    return [
        Box(
            "outcome",
            _("What counts as a success"),
            _("What has happened to the citizen. For instance: In their own home after a year."),
            width="wide",
        )
    ]


def group_boxes(group: str) -> list[Box]:
    """Return the fields of one group: heads, and low, expected and high in percent."""
    return [
        Box(f"{group}-x", _("Succeeded"), unit=_("citizens"), width="short"),
        Box(f"{group}-n", _("Of observed"), unit=_("citizens"), width="short"),
        Box(f"{group}-low", _("Low"), unit="%", width="short"),
        Box(f"{group}-expected", _("Expected"), unit="%", width="short"),
        Box(f"{group}-high", _("High"), unit="%", width="short"),
    ]


def source_box() -> Box:
    """Return where the numbers come from."""
    return Box(
        "source",
        _("Where the numbers come from"),
        _("For instance: Own count 2025, or a study with its year."),
        width="wide",
        optional=True,
    )


def durability_boxes() -> list[Box]:
    """Return how long the effect lasts."""
    return [
        Box(
            "years",
            _("How many years it lasts"),
            _("The year of the start is the first. For instance 5."),
            unit=_("years"),
            width="short",
        ),
        Box(
            "fade",
            _("How much of it fades each year"),
            _("0 when it lasts in full. For instance 20."),
            unit="%",
            width="short",
            optional=True,
        ),
        Box(
            "row",
            _("Or what is left, year by year"),
            _("In percent with semicolons between, for instance 100; 80; 50. Goes before the two."),
            optional=True,
        ),
    ]


def fields_of(effects: Sequence[Mapping[str, Any]]) -> Typed:
    """Return the effects of a document as fields."""
    typed = Typed()
    for place, effect in enumerate(effects):
        prefix = f"{KIND}-{place}-"
        values = {"id": effect["id"], "outcome": effect["outcome"]}
        values |= {"source": effect.get("source", ""), "shelf": reference_field(effect)}
        values |= {f"citizens-{year}": shown(n) for year, n in effect["citizens"].items()}
        times = 100 if effect.get("is_share", True) else 1
        for group, key in zip(GROUPS, ("success", "without"), strict=True):
            values |= rate_fields(group, effect[key], times)
        values |= _durability_fields(effect.get("durability") or {"decay": 0, "years": 1})
        typed.values |= {f"{prefix}{part}": text for part, text in values.items()}
    return typed


def rate_fields(group: str, rate: Json, times: int) -> dict[str, str]:
    """Return one group's rate of a document as fields; ``times`` 100 writes shares in percent."""
    values = rate if isinstance(rate, Mapping) else {"expected": rate}
    found = {
        f"{group}-{key}": shown(values.get(key), times=times) for key in ("low", "expected", "high")
    }
    counted = values.get("counted")
    if counted:
        found |= {f"{group}-x": shown(counted[0]), f"{group}-n": shown(counted[1])}
    return found


def _durability_fields(durability: Mapping[str, Any]) -> dict[str, str]:
    if "row" in durability:
        return {"row": "; ".join(shown(part, times=100) for part in durability["row"])}
    return {
        "years": shown(durability["years"]),
        "fade": shown(durability["decay"], times=100) if durability["decay"] else "",
    }


def read(typed: Typed, around: Surroundings, known: Sequence[Mapping[str, Any]]) -> list[Item]:
    """Return the effects that the fields say; what is missing or wrong is noted.

    Parameters
    ----------
    known : sequence of effects
        The document's as they were: their consequences stay.
    """
    before, taken = known_by_id(known), set[str]()
    places = begun(typed, KIND, BESIDE)
    return [_item(typed, place, around, before, taken) for place in places]


def _item(
    typed: Typed,
    place: int,
    around: Surroundings,
    before: Mapping[str, Mapping[str, Any]],
    taken: set[str],
) -> Item:
    prefix, noted = f"{KIND}-{place}-", len(typed.errors)
    name = item_name(typed, prefix, "outcome", place, _("Effect"))
    own = item_id(typed, prefix, name, taken)
    stored = before.get(own)
    is_share = stored is None or stored.get("is_share", True)
    values = {
        "id": own,
        "outcome": typed.text(f"{prefix}outcome", _("What counts as a success")),
        "citizens": _citizens(typed, prefix, around),
        "success": _rate(typed, prefix, "with", is_share=is_share),
        "without": _rate(typed, prefix, "without", is_share=is_share),
        "durability": _durability(typed, prefix),
        "source": typed.text(f"{prefix}source", _("Where the numbers come from"), required=False),
        **reference_in(typed, f"{prefix}shelf"),
    }
    if len(typed.errors) > noted:
        return Item(prefix, own, None)
    rates = {key: values.pop(key) for key in ("success", "without")}
    return Item(prefix, own, merged(stored, values, SHOWN) | rates)


def _citizens(typed: Typed, prefix: str, around: Surroundings) -> dict[str, int]:
    def read_one(name: str, label: str) -> int | None:
        return typed.whole(name, label, required=False, most=MOST_CITIZENS)

    label = _("Citizens who start")
    noted = len(typed.errors)
    row = typed.row(f"{prefix}citizens", around.years, read_one, label)
    if not any(row.values()) and len(typed.errors) == noted:
        first = f"{prefix}citizens-{around.years[0]}"
        text = _("Write how many citizens start, in at least one year.")
        typed.note(first, text, is_wrong=False)
    return {str(year): n for year, n in row.items() if n}


def _rate(typed: Typed, prefix: str, group: str, *, is_share: bool) -> Json:
    word = _("With the intervention") if group == "with" else _("Without it")
    x, n = (
        typed.whole(f"{prefix}{group}-{part}", f"{word}, {label}", required=False)
        for part, label in (("x", _("succeeded")), ("n", _("observed")))
    )
    ends = {
        key: _end(typed, f"{prefix}{group}-{key}", f"{word}, {label}", is_share=is_share)
        for key, label in (("low", _("low")), ("expected", _("expected")), ("high", _("high")))
    }
    counted = _counted(typed, f"{prefix}{group}-", word, x, n)
    if counted is not None and ends["expected"] is None:
        ends["expected"] = Fraction(*counted)
    if ends["expected"] is None:
        if not any(name.startswith(f"{prefix}{group}-") for name, _text in typed.errors):
            text = _("%(group)s: write how many succeeded, or a percentage.", group=word)
            typed.note(f"{prefix}{group}-x", text, is_wrong=False)
        return None
    if not typed.ordered(f"{prefix}{group}-", word, ends):
        return None
    return _rate_document(ends, counted)


def _end(typed: Typed, name: str, label: str, *, is_share: bool) -> Fraction | None:
    if is_share:
        return typed.percent(name, label, required=False)
    return typed.decimal(name, label, required=False)


def _counted(
    typed: Typed, prefix: str, word: str, x: int | None, n: int | None
) -> tuple[int, int] | None:
    if x is None and n is None:
        return None
    if x is None or n is None:
        part = "x" if x is None else "n"
        if f"{prefix}{part}" not in typed.wrong:
            text = _("%(group)s: write both how many succeeded and of how many.", group=word)
            typed.note(f"{prefix}{part}", text, is_wrong=False)
        return None
    if n == 0 or x > n:
        text = _("%(group)s: no more can have succeeded than were observed.", group=word)
        typed.note(f"{prefix}n", text)
        return None
    return x, n


def _rate_document(ends: Mapping[str, Fraction | None], counted: tuple[int, int] | None) -> Json:
    expected = ends["expected"]
    found = uncertain(expected or 0, ends["low"], ends["high"])
    if counted is None:
        return found
    document = dict(found) if isinstance(found, dict) else {"expected": found}
    if expected == Fraction(*counted):
        del document["expected"]
    return document | {"counted": list(counted)}


def _durability(typed: Typed, prefix: str) -> Json:
    row = typed.get(f"{prefix}row").strip()
    if row:
        return _explicit_row(typed, f"{prefix}row", row)
    years = typed.whole(f"{prefix}years", _("How many years it lasts"), least=1, most=MOST_YEARS)
    label = _("How much of it fades each year")
    fade = typed.percent(f"{prefix}fade", label, required=False) or Fraction(0)
    return None if years is None else {"decay": exact_document(fade), "years": years}


def _explicit_row(typed: Typed, name: str, text: str) -> Json:
    parts = Typed({f"row-{n}": part for n, part in enumerate(text.split(";")) if part.strip()})
    label = _("What is left, year by year")
    found = [parts.percent(part, label) for part in parts.values]
    if parts.errors or len(found) > MOST_YEARS:
        said = _("Write percentages with semicolons between, for instance 100; 80; 50.")
        typed.note(name, f"{label}: {said}")
        return None
    return {"row": [exact_document(part) for part in found if part is not None]}
