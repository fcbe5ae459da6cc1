"""What stored fields are called on a page, for the log's lines and the page of a conflict."""

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
}


def in_words(name: str) -> str:
    """Return the word for a field, or its own name where there is none."""
    return str(WORDS.get(name, name))
