"""What the items of a step were taken from on the knowledge shelf, as lines beside their fields."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from optimizer.cases.from_shelf import Reference
from planner.extensions import db
from planner.forms.argument_fields import Typed
from planner.services.case_shelf import versions_of


@dataclass(frozen=True, slots=True)
class ShelfLine:
    """One entry that an item was taken from.

    Parameters
    ----------
    newest : int
        The version that lies on the shelf now; 0 where it is the one that was taken.
    """

    title: str
    href: str
    version: int
    newest: int


def shelf_lines(typed: Typed, kind: str, parts: Sequence[str]) -> dict[int, list[ShelfLine]]:
    """Return the entries that each item says it was taken from, by its place.

    Parameters
    ----------
    parts : sequence of str
        The hidden fields of an item that say so.
    """
    said = {
        place: [
            found
            for part in parts
            if (found := Reference.read(typed.get(f"{kind}-{place}-{part}"))) is not None
        ]
        for place in typed.places(kind)
    }
    wanted = {reference for references in said.values() for reference in references}
    known = versions_of(db.session, wanted)
    lines: dict[int, list[ShelfLine]] = {}
    for place, references in said.items():
        for reference in references:
            if (version := known.get(reference)) is None:
                continue
            newest = version.entry.newest.number
            line = ShelfLine(
                version.entry.title,
                url_for("library.show", code=reference.entry),
                reference.version,
                newest if newest > reference.version else 0,
            )
            lines.setdefault(place, []).append(line)
    return lines
