"""The step 'costs': outlay and running cost by year, in total or for each citizen."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from optimizer import Category, FlowKind
from planner.formats import Language
from planner.forms import split_fields
from planner.forms.argument_fields import Box, Json, Typed, ends_of, shown, uncertain
from planner.forms.argument_steps import (
    Item,
    Surroundings,
    begun,
    item_id,
    item_name,
    known_by_id,
    merged,
)
from planner.forms.consequence_step import YEARS_AFTER

KIND = "cost"
TOTAL = ""
ROWS = ("expected", "low", "high", "alternative")
SHOWN = (
    "id name kind gross alternative per_citizen category split price_year source budget_line owner"
).split()
BESIDE = ("id", "kind", "per", "category", "rule", "price_year")


def first_boxes(around: Surroundings, language: Language) -> list[Box]:
    """Return what the cost is, and how its amounts are written."""
    kinds = [(str(k), k.label.say(language)) for k in (FlowKind.OUTLAY, FlowKind.COST)]
    per = [(TOTAL, _("In total, by year"))]
    per += [
        (key, _("For each citizen: %(outcome)s", outcome=outcome))
        for key, outcome in around.effects
    ]
    found = [
        Box("name", _("What costs money"), _("For instance: Two social workers."), width="wide"),
        Box(
            "kind",
            _("Kind"),
            _("An outlay is the investment; a cost is what follows from it."),
            choices=kinds,
        ),
    ]
    if around.effects:
        found.append(Box("per", _("The amounts are"), choices=per))
    return found


def budget_boxes(language: Language) -> list[Box]:
    """Return price year, control category, source, budget line and owner."""
    return [
        Box("price_year", _("Prices of"), _("The year."), width="short"),
        Box(
            "category",
            _("Control category"),
            choices=[(str(c), c.label.say(language)) for c in Category],
        ),
        Box("source", _("Where the amount comes from"), optional=True),
        Box("budget_line", _("Budget line"), optional=True),
        Box("owner", _("Who owns the budget line"), optional=True),
    ]


def usual_fields(around: Surroundings) -> dict[str, str]:
    """Return what a new cost has from the start."""
    return {
        "kind": str(FlowKind.OUTLAY),
        "per": TOTAL,
        "price_year": str(around.price_year),
        "category": str(Category.SERVICE),
        **split_fields.usual_fields(around),
    }


def fields_of(costs: Sequence[Mapping[str, Any]]) -> Typed:
    """Return the costs of a document as fields."""
    typed = Typed()
    for place, cost in enumerate(costs):
        values = {key: cost[key] for key in ("id", "name", "kind", "category")}
        values |= {key: cost.get(key, "") for key in ("source", "budget_line", "owner")}
        values |= {"price_year": str(cost["price_year"]), "per": cost.get("per_citizen", TOTAL)}
        way = "after" if cost.get("per_citizen") else "total"
        for year, value in cost["gross"].items():
            texts = zip(("low", "expected", "high"), ends_of(value), strict=True)
            values |= {f"{way}-{end}-{year}": text for end, text in texts if text}
        for year, value in (cost.get("alternative") or {}).items():
            values[f"{way}-alternative-{year}"] = ends_of(value)[1]
        values |= split_fields.fields_of(cost["split"])
        typed.values |= {f"{KIND}-{place}-{part}": text for part, text in values.items()}
    return typed


def read(typed: Typed, around: Surroundings, known: Sequence[Mapping[str, Any]]) -> list[Item]:
    """Return the costs that the fields say; what is missing or wrong is noted."""
    before, taken = known_by_id(known), set[str]()
    places = begun(typed, KIND, (*BESIDE, *around.share_fields))
    return [_item(typed, place, around, before, taken) for place in places]


def _item(
    typed: Typed,
    place: int,
    around: Surroundings,
    before: Mapping[str, Mapping[str, Any]],
    taken: set[str],
) -> Item:
    prefix, noted = f"{KIND}-{place}-", len(typed.errors)
    name = item_name(typed, prefix, "name", place, _("Cost"))
    own = item_id(typed, prefix, name, taken)
    stored = before.get(own)
    kinds = (str(FlowKind.OUTLAY), str(FlowKind.COST))
    per = _per(typed, prefix, around)
    is_dated = stored is not None and stored["split"]["rule"] == split_fields.DATED
    rules = split_fields.rule_choices(only_shares=True, has_dated=is_dated)
    gross, alternative = _amounts(typed, prefix, around, per, stored)
    values: dict[str, Json] = {
        "id": own,
        "name": typed.text(f"{prefix}name", _("What costs money")),
        "kind": typed.choice(f"{prefix}kind", _("Kind"), kinds),
        "gross": gross,
        "alternative": alternative,
        "per_citizen": per,
        "category": typed.choice(f"{prefix}category", _("Control category"), map(str, Category)),
        "split": split_fields.read(typed, prefix, around, (stored or {}).get("split"), rules),
        "price_year": typed.year(f"{prefix}price_year", _("Prices of")),
        "source": _line(typed, prefix, "source", _("Where the amount comes from")),
        "budget_line": _line(typed, prefix, "budget_line", _("Budget line"), longest=100),
        "owner": _line(typed, prefix, "owner", _("Who owns the budget line")),
    }
    if len(typed.errors) > noted:
        return Item(prefix, own, None)
    return Item(prefix, own, merged(stored, values, SHOWN))


def _line(typed: Typed, prefix: str, part: str, label: str, *, longest: int = 200) -> str:
    return typed.text(f"{prefix}{part}", label, longest=longest, required=False)


def _per(typed: Typed, prefix: str, around: Surroundings) -> str | None:
    """Return the effect whose citizens the amounts are for; None: amounts in total."""
    if not typed.get(f"{prefix}per"):
        return None
    typed.choice(f"{prefix}per", _("The amounts are"), [key for key, _outcome in around.effects])
    return typed.get(f"{prefix}per")


def _amounts(
    typed: Typed,
    prefix: str,
    around: Surroundings,
    per: str | None,
    stored: Mapping[str, Any] | None,
) -> tuple[dict[str, Json], dict[str, Json]]:
    way, columns = ("after", YEARS_AFTER) if per else ("total", tuple(around.years))
    other = "total" if per else "after"
    labels = (_("Amount"), _("Low amount"), _("High amount"), _("What the alternative costs"))
    noted = len(typed.errors)
    rows = {
        row: typed.row(f"{prefix}{way}-{row}", columns, typed.kroner, label)
        for row, label in zip(ROWS, labels, strict=True)
    }
    gross = {
        str(year): uncertain(amount, rows["low"].get(year), rows["high"].get(year))
        for year, amount in rows["expected"].items()
        if _is_ordered(typed, f"{prefix}{way}-", year, rows)
    }
    if not rows["expected"] and len(typed.errors) == noted:
        typed.note(f"{prefix}{way}-expected-{columns[0]}", _nothing(typed, prefix, other, per))
        typed.wrong.pop()
    return gross, _alternative(rows["alternative"], stored)


def _nothing(typed: Typed, prefix: str, other: str, per: str | None) -> str:
    is_elsewhere = any(
        text.strip() for name, text in typed.values.items() if name.startswith(f"{prefix}{other}-")
    )
    if is_elsewhere and per:
        return _("The amounts stand in total, but it says for each citizen. Choose one of the two.")
    if is_elsewhere:
        return _("The amounts stand for each citizen, but it says in total. Choose one of the two.")
    return _("Write an amount in at least one year.")


def _is_ordered(
    typed: Typed, prefix: str, year: int, rows: Mapping[str, Mapping[int, int]]
) -> bool:
    ends = {end: rows[end].get(year) for end in ("low", "expected", "high")}
    return typed.ordered_at(prefix, f"-{year}", f"{_('Amount')} {year}", ends)


def _alternative(row: Mapping[int, int], stored: Mapping[str, Any] | None) -> dict[str, Json]:
    """Return the alternative's cost; low and high stay where the expected amount does."""
    before = (stored or {}).get("alternative") or {}
    return {
        str(year): before[str(year)]
        if str(year) in before and ends_of(before[str(year)])[1] == shown(amount)
        else amount
        for year, amount in row.items()
    }
