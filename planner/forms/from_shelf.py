"""Filling in the fields of an item from an entry of the knowledge shelf."""

from collections.abc import Mapping, Sequence

from optimizer.cases.from_shelf import (
    RULES_OF_CASES,
    Reference,
    Taken,
    quantity_part,
    rate_parts,
    split_part,
)
from optimizer.payers import Level, Payer
from optimizer.shelf import ShelfConsequence, ShelfEffect, ShelfKind, ShelfPrice
from planner.forms import consequence_step, effect_step, split_fields
from planner.forms.argument_fields import Typed, shown
from planner.forms.argument_steps import Surroundings

#: what can be taken into each step
KINDS_OF_STEP: Mapping[str, Sequence[ShelfKind]] = {
    "effect": (ShelfKind.EFFECT,),
    "consequences": (ShelfKind.CONSEQUENCE, ShelfKind.UNIT_PRICE),
}
#: the hidden fields of an item that say what it was taken from
SHELF_FIELDS: Mapping[str, Sequence[str]] = {
    "effect": ("shelf",),
    "consequences": ("shelf", "price-shelf"),
}


def place_of(typed: Typed, kind: str, item: str, *, blank: Sequence[str]) -> int:
    """Return the number of the item to fill in: the one of that id, else an empty or a new one.

    Parameters
    ----------
    blank : sequence of str
        Parts that have something in them from the start.
    """
    places = typed.places(kind)
    named = (n for n in places if item and typed.get(f"{kind}-{n}-id") == item)
    empty = (n for n in places if typed.is_blank(f"{kind}-{n}-", beside=blank))
    return next(named, next(empty, max(places, default=-1) + 1))


def can_fill(taken: Taken) -> bool:
    """Return whether an entry says anything that a field can hold.

    An effect that is only an effect size does not: a case counts with success rates.
    """
    return not isinstance(taken.content, ShelfEffect) or bool(rate_parts(taken.content))


def fill(
    typed: Typed,
    prefix: str,
    around: Surroundings,
    chosen: Taken,
    *,
    title: str,
    price: Taken | None = None,
) -> None:
    """Write what an entry says into the fields of an item, and which version it was.

    Parameters
    ----------
    title : str
        Names a consequence that has no name yet.
    price : Taken or None
        What a consequence is multiplied by.
    """
    content = chosen.content
    if isinstance(content, ShelfEffect):
        _fill_effect(typed, prefix, content, chosen)
        return
    name = f"{prefix}name"
    typed.values[name] = typed.get(name).strip() or title
    if isinstance(content, ShelfConsequence):
        _fill_quantity(typed, prefix, content, chosen.reference)
        if price is not None and isinstance(price.content, ShelfPrice):
            _fill_price(typed, prefix, around, price.content, price)
    else:
        _fill_price(typed, prefix, around, content, chosen)


def _fill_effect(typed: Typed, prefix: str, effect: ShelfEffect, chosen: Taken) -> None:
    parts = rate_parts(effect)
    for group, key in zip(effect_step.GROUPS, ("success", "without"), strict=True):
        for end in ("x", "n", "low", "expected", "high"):
            typed.values[f"{prefix}{group}-{end}"] = ""
        if key in parts:
            fields = effect_step.rate_fields(group, parts[key], 100)
            typed.values |= {f"{prefix}{part}": text for part, text in fields.items()}
    typed.values |= {
        f"{prefix}outcome": effect.outcome,
        f"{prefix}source": chosen.source,
        f"{prefix}shelf": str(chosen.reference),
    }


def _fill_quantity(
    typed: Typed, prefix: str, consequence: ShelfConsequence, reference: Reference
) -> None:
    for end in consequence_step.ENDS:
        for behind in ("", *(f"-{year}" for year in consequence_step.YEARS_AFTER)):
            typed.values[f"{prefix}{end}{behind}"] = ""
    fields = consequence_step.quantity_fields(quantity_part(consequence))
    typed.values |= {f"{prefix}{part}": text for part, text in fields.items()}
    typed.values[f"{prefix}shelf"] = str(reference)


def _fill_price(
    typed: Typed, prefix: str, around: Surroundings, price: ShelfPrice, chosen: Taken
) -> None:
    payers = [Payer(key, name, Level(level)) for key, name, level in around.payers]
    split = split_part(price, payers)
    fields = {f"share-{payer.id}": "" for payer in payers}
    fields |= (
        {"rule": RULES_OF_CASES[price.rule]} if split is None else split_fields.fields_of(split)
    )
    fields |= {
        "price": shown(price.amount),
        "price-low": "",
        "price-high": "",
        "unit": price.unit,
        "price_year": str(price.price_year),
        "source": chosen.source,
        "category": price.category,
        "price-shelf": str(chosen.reference),
    }
    typed.values |= {f"{prefix}{part}": text for part, text in fields.items()}
