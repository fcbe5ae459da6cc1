"""The step 'consequences': what each extra success changes, at what price, and who gains."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from optimizer import Category
from optimizer.cases import Cashability
from optimizer.cases.quantities import exact_document
from planner.formats import Language
from planner.forms import split_fields
from planner.forms.argument_fields import Box, Json, Typed, ends_of, number_in, shown, uncertain
from planner.forms.argument_steps import (
    Item,
    Surroundings,
    begun,
    item_id,
    item_name,
    merged,
    reference_field,
    reference_in,
)

KIND = "use"
LESS, MORE, SIGNED = "less", "more", "signed"
#: years after the start that the form offers beside one value for all of them
YEARS_AFTER = tuple(range(10))
ENDS = ("low", "expected", "high")
SHOWN = (
    "id name quantity price category split cashability budget_line owner entry version"
).split()
#: what a new item has from the start
BESIDE = (
    *("id", "effect", "direction", "category", "rule", "cashability", "price_year"),
    *("shelf", "price-shelf"),
)


def name_boxes(around: Surroundings) -> list[Box]:
    """Return what is used less or more of, and by whose success."""
    found = [
        Box(
            "name",
            _("What each extra success changes"),
            _("A service or a benefit. For instance: Days in a shelter."),
            width="wide",
        )
    ]
    if len(around.effects) > 1:
        found.append(Box("effect", _("Which effect"), choices=list(around.effects)))
    return found


def quantity_boxes() -> list[Box]:
    """Return how much each extra success changes a year."""
    directions = [
        (LESS, _("Less of it")),
        (MORE, _("More of it")),
        (SIGNED, _("With its own sign")),
    ]
    return [
        Box("direction", _("Less or more"), choices=directions),
        Box("expected", _("How much a year, expected"), width="short"),
        Box("low", _("At least"), width="short", optional=True),
        Box("high", _("At most"), width="short", optional=True),
        Box("unit", _("Counted in"), _("For instance days, weeks, cases."), width="short"),
    ]


def price_boxes() -> list[Box]:
    """Return the unit price, its price year and source."""
    return [
        Box("price", _("Price of one"), _("For instance 1.250."), unit=_("kr."), width="short"),
        Box("price-low", _("Low price"), unit=_("kr."), width="short", optional=True),
        Box("price-high", _("High price"), unit=_("kr."), width="short", optional=True),
        Box("price_year", _("Prices of"), _("The year."), width="short"),
        Box(
            "source",
            _("Where the price comes from"),
            _("For instance: Own accounts 2026."),
            width="wide",
        ),
    ]


def budget_boxes(language: Language) -> list[Box]:
    """Return control category, cashability, budget line and owner."""
    return [
        Box(
            "category",
            _("Control category"),
            choices=[(str(c), c.label.say(language)) for c in Category],
        ),
        Box(
            "cashability",
            _("What it does to the budget"),
            _("Only a budget cut can be taken out of a budget."),
            choices=[(str(c), c.label.say(language)) for c in Cashability],
        ),
        Box(
            "budget_line",
            _("Budget line that becomes smaller"),
            _("For instance 5.38.42 Shelters."),
            optional=True,
        ),
        Box("owner", _("Who owns the budget line"), _("A title or a name."), optional=True),
    ]


def usual_fields(around: Surroundings) -> dict[str, str]:
    """Return what a new consequence has from the start."""
    effect = around.effects[0][0] if around.effects else ""
    return {
        "effect": effect,
        "direction": LESS,
        "price_year": str(around.price_year),
        "category": str(Category.SERVICE),
        "cashability": str(Cashability.BUDGET_CUT),
        **split_fields.usual_fields(around),
    }


# --- From a document ------------------------------------------------------------------------------


def fields_of(effects: Sequence[Mapping[str, Any]]) -> Typed:
    """Return the consequences of a document's effects as fields."""
    typed, place = Typed(), 0
    for effect in effects:
        for consequence in effect.get("consequences") or []:
            values = _fields(effect["id"], consequence)
            typed.values |= {f"{KIND}-{place}-{part}": text for part, text in values.items()}
            place += 1
    return typed


def _fields(effect: str, consequence: Mapping[str, Any]) -> dict[str, str]:
    price = consequence["price"]
    low, expected, high = ends_of(price["kroner"])
    values = {
        "id": f"{effect}.{consequence['id']}",
        "effect": effect,
        "name": consequence["name"],
        "unit": price["unit"],
        "price": expected,
        "price-low": low,
        "price-high": high,
        "price_year": str(price["price_year"]),
        "source": price["source"],
        "category": consequence["category"],
        "cashability": consequence.get("cashability", str(Cashability.BUDGET_CUT)),
        "budget_line": consequence.get("budget_line", ""),
        "owner": consequence.get("owner", ""),
        "shelf": reference_field(consequence),
        "price-shelf": reference_field(price),
    }
    return (
        values
        | quantity_fields(consequence["quantity"])
        | split_fields.fields_of(consequence["split"])
    )


def quantity_fields(quantity: Json) -> dict[str, str]:
    """Return the quantity of a document as fields: less or more, and how much."""
    by_year = quantity.get("by_year") if isinstance(quantity, Mapping) else None
    each = [quantity] if by_year is None else list(by_year.values())
    numbers = [_numbers(value) for value in each]
    flat = [number for row in numbers for number in row if number is not None]
    direction = LESS if all(n <= 0 for n in flat) else MORE if all(n >= 0 for n in flat) else SIGNED
    found = {"direction": direction}
    if by_year is None:
        return found | _row_fields("", direction, numbers[0])
    for year, row in zip(by_year, numbers, strict=True):
        found |= _row_fields(f"-{year}", direction, row)
    return found


def _numbers(value: Json) -> tuple[Fraction | None, Fraction, Fraction | None]:
    if not isinstance(value, Mapping):
        return None, number_in(value), None
    low, high = (value.get(key) for key in ("low", "high"))
    return (
        None if low is None else number_in(low),
        number_in(value["expected"]),
        None if high is None else number_in(high),
    )


def _row_fields(
    behind: str, direction: str, row: tuple[Fraction | None, Fraction, Fraction | None]
) -> dict[str, str]:
    low, expected, high = row
    if direction == LESS:
        low, high = (None if end is None else -end for end in (high, low))
        expected = -expected
    texts = (None if n is None else exact_document(n) for n in (low, expected, high))
    return {f"{end}{behind}": shown(text) for end, text in zip(ENDS, texts, strict=True)}


# --- From fields ----------------------------------------------------------------------------------


def read(
    typed: Typed, around: Surroundings, known: Sequence[Mapping[str, Any]]
) -> list[tuple[str, Item]]:
    """Return (effect, consequence) of each that the fields say; mistakes are noted.

    Parameters
    ----------
    known : sequence of effects
        The document's, with their consequences as they were.
    """
    before = {
        f"{effect['id']}.{consequence['id']}": consequence
        for effect in known
        for consequence in effect.get("consequences") or []
    }
    taken: dict[str, set[str]] = {}
    places = begun(typed, KIND, (*BESIDE, *around.share_fields))
    return [_item(typed, place, around, before, taken) for place in places]


def _effect(typed: Typed, prefix: str, around: Surroundings) -> str:
    known = [key for key, _outcome in around.effects]
    if typed.get(f"{prefix}effect") in known:
        return typed.get(f"{prefix}effect")
    if len(known) == 1:
        typed.values[f"{prefix}effect"] = known[0]
        return known[0]
    if not known:
        typed.note(f"{prefix}name", _("Write an effect first."), is_wrong=False)
        return ""
    typed.choice(f"{prefix}effect", _("Which effect"), known)
    return ""


def _item(
    typed: Typed,
    place: int,
    around: Surroundings,
    before: Mapping[str, Mapping[str, Any]],
    taken: dict[str, set[str]],
) -> tuple[str, Item]:
    prefix, noted = f"{KIND}-{place}-", len(typed.errors)
    name = item_name(typed, prefix, "name", place, _("Consequence"))
    effect = _effect(typed, prefix, around)
    stored = before.get(typed.get(f"{prefix}id"))
    own = _own_id(typed, prefix, name, effect, taken)
    rules = split_fields.rule_choices(has_dated=_is_dated(stored))
    values: dict[str, Json] = {
        "id": own,
        "name": typed.text(f"{prefix}name", _("What each extra success changes")),
        "quantity": _quantity(typed, prefix),
        "price": _price(typed, prefix),
        "category": typed.choice(f"{prefix}category", _("Control category"), map(str, Category)),
        "split": split_fields.read(typed, prefix, around, (stored or {}).get("split"), rules),
        **_budget(typed, prefix),
        **reference_in(typed, f"{prefix}shelf"),
    }
    if len(typed.errors) > noted:
        return effect, Item(prefix, own, None)
    quantity = values.pop("quantity")
    document = merged(stored, values, SHOWN) | {"quantity": quantity}
    return effect, Item(prefix, own, document)


def _is_dated(stored: Mapping[str, Any] | None) -> bool:
    return stored is not None and stored["split"]["rule"] == split_fields.DATED


def _own_id(typed: Typed, prefix: str, name: str, effect: str, taken: dict[str, set[str]]) -> str:
    """Return the id inside the effect; the field holds ``effect.id``."""
    in_effect = taken.setdefault(effect, set())
    inner = Typed({f"{prefix}id": typed.get(f"{prefix}id").rpartition(".")[2]})
    own = item_id(inner, prefix, name, in_effect)
    typed.values[f"{prefix}id"] = f"{effect}.{own}"
    return own


def _budget(typed: Typed, prefix: str) -> dict[str, Json]:
    label = _("What it does to the budget")
    kind = typed.choice(f"{prefix}cashability", label, map(str, Cashability))
    line = typed.text(f"{prefix}budget_line", _("Budget line"), longest=100, required=False)
    owner = typed.text(f"{prefix}owner", _("Who owns the budget line"), required=False)
    is_usual = kind == Cashability.BUDGET_CUT
    return {"cashability": None if is_usual else kind, "budget_line": line, "owner": owner}


def _quantity(typed: Typed, prefix: str) -> Json:
    known = (LESS, MORE, SIGNED)
    direction = typed.choice(f"{prefix}direction", _("Less or more"), known)
    by_year = {
        str(year): row
        for year in YEARS_AFTER
        if (row := _quantity_row(typed, prefix, f"-{year}", direction, required=False)) is not None
    }
    if by_year:
        return {"by_year": by_year}
    return _quantity_row(typed, prefix, "", direction, required=True)


def _quantity_row(
    typed: Typed, prefix: str, behind: str, direction: str | None, *, required: bool
) -> Json:
    label = _("How much a year")
    ends = {
        end: typed.decimal(
            f"{prefix}{end}{behind}",
            label,
            required=required and end == "expected",
            least=None if direction == SIGNED else 0,
        )
        for end in ENDS
    }
    expected = ends["expected"]
    if expected is None or direction is None:
        return None
    if not typed.ordered_at(prefix, behind, label, ends):
        return None
    low, high = ends["low"], ends["high"]
    if direction == LESS:
        return uncertain(-expected, None if high is None else -high, None if low is None else -low)
    return uncertain(expected, low, high)


def _price(typed: Typed, prefix: str) -> Json:
    label = _("Price of one")
    expected = typed.decimal(f"{prefix}price", label, least=0)
    low, high = (
        typed.decimal(f"{prefix}price-{end}", label, required=False, least=0)
        for end in ("low", "high")
    )
    unit = typed.text(f"{prefix}unit", _("Counted in"), longest=60)
    year = typed.year(f"{prefix}price_year", _("Prices of"))
    source = typed.text(f"{prefix}source", _("Where the price comes from"))
    ends = {"low": low, "expected": expected, "high": high}
    if expected is None or not typed.ordered(f"{prefix}price-", label, ends):
        return None
    return {
        "kroner": uncertain(expected, low, high),
        "unit": unit,
        "price_year": year,
        "source": source,
        **reference_in(typed, f"{prefix}price-shelf"),
    }
