"""What stored fields are called on a page, for the log's lines and the page of a conflict."""

import re
from typing import Any

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _

WORDS = {
    "title": _("Title"),
    "description": _("Description"),
    "summary": _("Summary"),
    "target_group": _("Target group"),
    "supplier": _("Supplier"),
    "evidence_stars": _("Evidence stars"),
    "tags": _("Tags"),
    "options": _("Options"),
    "state": _("State"),
    "reason": _("Reason"),
    "municipality": _("Municipality"),
    "price_year": _("Price year"),
    "budget_year": _("Budget year"),
    "budget_years": _("Years in the budget period"),
    "horizon_first": _("First year that counts"),
    "horizon_last": _("Last year that counts"),
    "discount": _("Discounting"),
    "note": _("Note"),
    "name": _("Name"),
    "roles": _("Roles"),
    "departments": _("Departments"),
    "objective": _("Goal"),
    "pools": _("Pools"),
    "relations": _("Relations"),
    "key": _("Short name"),
    "level": _("Whose purse"),
    "kind": _("Used for"),
    "department": _("Department"),
    "external": _("The supplier is external"),
    "evidence": _("What is known"),
    "is_illustrative": _("All figures are illustrative"),
    "is_on": _("Switched on"),
    "time_limit": _("Time to calculate"),
}
# the fields of a table: its word, then the number of the line
OF_LINES = {
    "part": _("Takes part"),
    "force": _("Decided beforehand"),
    "reason": _("Reason"),
    "limit": _("Number in a limit"),
}
_LINE = re.compile(r"(part|force|reason|limit)-\d+.*")


def in_words(name: str) -> str:
    """Return what a field is called: in the form that was sent, else in general.

    A name that nothing knows is said to be another field, never shown as it is stored.
    """
    labels: dict[str, Any] = g.get("field_labels", {})
    if name in labels and str(labels[name]).strip():
        return str(labels[name])
    found = _LINE.fullmatch(name)
    known = OF_LINES[found[1]] if found else WORDS.get(name)
    return str(known) if known is not None else gettext("Another field")
