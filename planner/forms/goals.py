"""The form of the goals after the first: what each may cost the goal before it, and their order."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import FieldList

from planner.forms.base import BaseForm, PercentField
from planner.forms.rule_parts import as_decimal, json_number

Json = Any
MOST_GOALS = 10


class GoalsForm(BaseForm):
    """A tolerance for each goal after the first."""

    within = FieldList(
        PercentField(
            _("May cost the goal before it at most"),
            description=_(
                "In percent of the best that the goal before can reach, for instance 2. 0 gives"
                " up nothing of it: the further goal then only chooses among equally good plans."
            ),
        ),
        max_entries=MOST_GOALS,
    )

    def content(self, stored: Sequence[Json]) -> list[Json] | None:
        """Return the goals with the typed tolerances; None where something is wrong."""
        fine = self.validate()
        for field in self.within:
            if field.errors:
                fine = False
            elif field.data is None or not 0 <= field.data <= 1:
                field.errors = [gettext("Write a percentage from 0 to 100.")]
                fine = False
        if not fine or len(self.within) != len(stored):
            return None
        return [
            {**goal, "within": json_number(field.data)}
            for goal, field in zip(stored, self.within, strict=True)
        ]


def goals_data(stored: Sequence[Json]) -> dict[str, Any]:
    """Return what the fields hold for stored goals."""
    return {"within": [as_decimal(goal.get("within", 0)) for goal in stored]}


def moved(goals: Sequence[Json], wish: str) -> list[Json]:
    """Return the goals after ``up-1``, ``down-0`` or ``drop-2``; as they are for another wish."""
    verb, _dash, number = wish.partition("-")
    found = list(goals)
    place = int(number) if number.isascii() and number.isdigit() else len(found)
    if place >= len(found):
        return found
    if verb == "drop":
        del found[place]
    other = {"up": place - 1, "down": place + 1}.get(verb, -1)
    if 0 <= other < len(found):
        found[place], found[other] = found[other], found[place]
    return found
