"""The argument as three steps of the form that know of each other.

Whatever step is saved, all three are read anew: a consequence waits as fields while its effect is
not complete, and comes back with it. So nothing that was typed is lost, and the document holds
only what is complete.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from planner.forms import consequence_step, cost_step, effect_step, variant_fields
from planner.forms.argument_fields import Json, Typed
from planner.forms.argument_steps import Item, Surroundings, known_by_id

KINDS: Mapping[str, str] = {
    "effect": effect_step.KIND,
    "consequences": consequence_step.KIND,
    "costs": cost_step.KIND,
}
#: part of a document's path, and the field that it is typed in
PARTS = (
    ("citizens", "with-x"),
    ("success", "with-expected"),
    ("without", "without-expected"),
    ("durability", "years"),
    ("price.kroner", "price"),
    ("price_year", "price_year"),
    ("quantity", "expected"),
    ("split", "rule"),
)
#: key of what the waiting items were, beside the steps
BEFORE = "before"
#: key of how the options differ, beside the steps
VARIANTS = "variants"
_VARIANT = re.compile(r"variants\[(\d+)\]")
_PATH = re.compile(r"(effects|costs)\[(\d+)\](?:\.consequences\[(\d+)\])?(.*)")
Document = Mapping[str, Any]


class ArgumentForm:
    """The three steps, read.

    Parameters
    ----------
    around : Surroundings
    argument : dict or None
        The case document as it is stored.
    kept : mapping of step to fields, or None
        What was typed in steps that were not complete.
    changed : (step, Typed) or None
        The step that was sent.
    variants : Typed or None
        What was sent of how the options differ.
    """

    def __init__(
        self,
        around: Surroundings,
        argument: Document | None,
        kept: Mapping[str, Any] | None,
        changed: tuple[str, Typed] | None = None,
        variants: Typed | None = None,
    ) -> None:
        self.known_effects: Sequence[Document] = (argument or {}).get("effects") or []
        self.known_costs: Sequence[Document] = (argument or {}).get("costs") or []
        before = (kept or {}).get(BEFORE) or {}
        #: what a waiting item was, for all that its fields do not show
        self.before_effects = _combined(before.get("effects") or [], self.known_effects)
        self.before_costs = _combined(before.get("costs") or [], self.known_costs)
        self.touched = {step: Typed(dict(kept[step])) for step in KINDS if kept and step in kept}
        if changed is not None:
            self.touched[changed[0]] = changed[1]
        self.steps = {
            "effect": self.touched.get("effect") or effect_step.fields_of(self.known_effects),
            "consequences": self.touched.get("consequences")
            or consequence_step.fields_of(self.known_effects),
            "costs": self.touched.get("costs") or cost_step.fields_of(self.known_costs),
        }
        self.known_variants: Sequence[Document] = (argument or {}).get("variants") or []
        if variants is None and kept and VARIANTS in kept:
            variants = Typed(dict(kept[VARIANTS]))
        self.are_variants_touched = variants is not None
        self.variant_fields = variants or variant_fields.fields_of(self.known_variants, around)
        self.around = around
        self.waiting: set[str] = set()
        self._paths = dict[str, tuple[str, str]]()
        self._read()

    def _read(self) -> None:
        self._effects = effect_step.read(self.steps["effect"], self.around, self.before_effects)
        if "effect" not in self.touched:
            # as they are: a field shows fewer digits than a document may hold
            whole = known_by_id(self.known_effects)
            self._effects = [replace(i, document=dict(whole[i.id])) for i in self._effects]
        outcomes = (self.steps["effect"].get(f"{i.prefix}outcome").strip() for i in self._effects)
        named = [
            (item.id, outcome or _("Effect %(number)d", number=place + 1))
            for place, (item, outcome) in enumerate(zip(self._effects, outcomes, strict=True))
        ]
        self.around = replace(self.around, effects=named)
        self._uses = consequence_step.read(
            self.steps["consequences"], self.around, self.before_effects
        )
        self._costs = cost_step.read(self.steps["costs"], self.around, self.before_costs)
        self._variants = [dict(variant) for variant in self.known_variants]
        if self.are_variants_touched:
            self._variants = variant_fields.read(
                self.variant_fields, self.around, self.known_variants
            )

    # ---- the document ----

    @property
    def effects(self) -> list[dict[str, Json]]:
        """The complete effects, each with its complete consequences."""
        found: list[dict[str, Json]] = []
        self._paths = dict[str, tuple[str, str]]()
        as_they_were = self._unread_consequences()
        for item in self._effects:
            if item.document is None:
                continue
            self._paths[f"effects[{len(found)}]"] = "effect", item.prefix
            consequences = as_they_were.get(item.id)
            if consequences is None:
                consequences = self._consequences_of(item.id, len(found))
            whole = dict(item.document) | {"consequences": consequences}
            found.append({key: value for key, value in whole.items() if value != []})
        complete = {item.id for item in self._effects if item.document is not None}
        if any(effect not in complete for effect, _item in self._uses):
            self.waiting.add("consequences")
        return found

    def _unread_consequences(self) -> dict[str, list[dict[str, Json]]]:
        """Return the consequences of the document where nobody has touched their step."""
        if "consequences" in self.touched:
            return {}
        return {
            effect["id"]: list(effect.get("consequences") or []) for effect in self.known_effects
        }

    def _consequences_of(self, effect: str, place: int) -> list[dict[str, Json]]:
        found: list[dict[str, Json]] = []
        for other, item in self._uses:
            if other == effect and item.document is not None:
                path = f"effects[{place}].consequences[{len(found)}]"
                self._paths[path] = "consequences", item.prefix
                found.append(item.document)
        return found

    @property
    def costs(self) -> list[dict[str, Json]]:
        """The complete costs."""
        complete = {item.id for item in self._effects if item.document is not None}
        if "costs" not in self.touched and not self._waits(self.known_costs, complete):
            return [dict(cost) for cost in self.known_costs]
        documents = [item.document for item in self._costs if item.document is not None]
        if self._waits(documents, complete):
            self.waiting.add("costs")
        found: list[dict[str, Json]] = []
        for item in self._costs:
            if item.document and item.document.get("per_citizen", "") in {"", *complete}:
                self._paths[f"costs[{len(found)}]"] = "costs", item.prefix
                found.append(item.document)
        return found

    def _waits(self, costs: Iterable[Document], complete: set[str]) -> bool:
        return any(cost.get("per_citizen", "") not in {"", *complete} for cost in costs)

    @property
    def variants(self) -> list[dict[str, Json]]:
        """How the options differ, as far as it is about complete effects."""
        complete = {item.id for item in self._effects if item.document is not None}
        found = []
        for variant in self._variants:
            rows = variant.get("citizens") or {}
            own = {effect: row for effect, row in rows.items() if effect in complete}
            if len(own) < len(rows):
                self.waiting.add(VARIANTS)
            found.append({k: v for k, v in {**variant, "citizens": own}.items() if v != {}})
        return found

    # ---- what is kept as typed ----

    def kept(self) -> dict[str, Any] | None:
        """Return the fields of the steps that are not complete; None: all of them are."""
        found: dict[str, Any] = {
            step: {name: text for name, text in typed.values.items() if text.strip()}
            for step, typed in self.steps.items()
            if typed.errors or step in self.waiting
        }
        if self.variant_fields.errors or VARIANTS in self.waiting:
            values = self.variant_fields.values.items()
            found[VARIANTS] = {name: text for name, text in values if text.strip()}
        if found:
            found[BEFORE] = {"effects": self.before_effects, "costs": self.before_costs}
        return found or None

    def errors(self, step: str) -> list[tuple[str, str]]:
        """Return all that is missing or wrong in a step, as (field, sentence)."""
        found = list(self.steps[step].errors)
        return [*found, *self.variant_fields.errors] if step == "effect" else found

    def wrong(self, step: str) -> list[str]:
        """Return the fields of a step that hold something that cannot be read."""
        found = list(self.steps[step].wrong)
        return [*found, *self.variant_fields.wrong] if step == "effect" else found

    def refuse(self, mistakes: Iterable[tuple[str, str]]) -> None:
        """Note what the case document's reader says, each at its field, and leave the items out."""
        for path, text in mistakes:
            found, variant = _PATH.match(path), _VARIANT.match(path)
            if variant is not None:
                self._refuse_variant(int(variant[1]), text)
                continue
            if found is None:
                self.steps["costs"].note("", text)
                continue
            step, prefix, rest = self._where(found)
            self.steps[step].note(self._field_at(step, prefix, rest), text)
            self._leave_out(step, prefix)

    def _refuse_variant(self, place: int, text: str) -> None:
        """Note a mistake at an option, and let it have the whole argument until it is mended."""
        refused = self._variants[place]["id"]
        options = [key for key, _name in self.around.options]
        number = options.index(refused) if refused in options else 0
        self.variant_fields.note(f"{variant_fields.KIND}-{number}-shift", text)
        self._variants = [variant for variant in self._variants if variant["id"] != refused]

    def field_at(self, path: str) -> str:
        """Return the field that a path of the stored document is typed in; nothing: none is."""
        found = _PATH.match(path)
        if found is None or not self.effects + self.costs:
            return ""
        return self._field_at(*self._where(found))

    def _field_at(self, step: str, prefix: str, rest: str) -> str:
        return f"{prefix}{_field_of(step, rest, self.steps[step], prefix)}"

    def _where(self, found: "re.Match[str]") -> tuple[str, str, str]:
        """Return step, prefix and the rest of the path of a mistake."""
        effect = f"{found[1]}[{found[2]}]"
        inner = f"{effect}.consequences[{found[3]}]" if found[3] is not None else effect
        if inner in self._paths:
            return (*self._paths[inner], found[4])
        if found[3] is not None:
            # a consequence as it was stored: its step was not touched, so its place is known
            before = sum(
                len(effect.get("consequences") or [])
                for effect in self.known_effects[: int(found[2])]
            )
            return "consequences", f"{consequence_step.KIND}-{before + int(found[3])}-", found[4]
        return "costs", f"{cost_step.KIND}-{found[2]}-", found[4]

    def _leave_out(self, step: str, prefix: str) -> None:
        def without(item: Item) -> Item:
            return replace(item, document=None) if item.prefix == prefix else item

        self.touched.setdefault(step, self.steps[step])
        if step == "effect":
            self._effects = [without(item) for item in self._effects]
        elif step == "consequences":
            self._uses = [(effect, without(item)) for effect, item in self._uses]
        else:
            self._costs = [without(item) for item in self._costs]


def _combined(old: Sequence[Document], new: Sequence[Document]) -> list[dict[str, Json]]:
    """Return items by id, the new ones before the old; an effect has the consequences of both."""
    found: dict[str, dict[str, Json]] = {}
    for item in (*old, *new):
        earlier = found.get(item["id"], {}).get("consequences") or []
        found[item["id"]] = dict(item)
        if item.get("consequences") or earlier:
            both = _combined(earlier, item.get("consequences") or [])
            found[item["id"]]["consequences"] = both
    return list(found.values())


def _field_of(step: str, rest: str, typed: Typed, prefix: str) -> str:
    """Return the part of a field's name that a path of the document ends at."""
    year = rest.rpartition(".")[2]
    if step == "costs" and ("gross" in rest or "alternative" in rest):
        row = "alternative" if "alternative" in rest else "expected"
        way = "after" if typed.get(f"{prefix}per") else "total"
        return f"{way}-{row}-{year}"
    if step == "effect" and rest.startswith(".citizens."):
        return f"citizens-{year}"
    usual = "outcome" if step == "effect" else "name"
    return next((field for part, field in PARTS if f".{part}" in rest), usual)
