"""Who comes and who goes when one plan takes the place of another."""

from collections.abc import Iterable

from flask_babel import gettext as _

from optimizer import Plan
from planner.reports.values import Cell


def moves(plan: Plan, then: Iterable[str], now: Iterable[str]) -> Cell:
    """Return what is funded in ``then`` and not ``now``, and below it what is no longer.

    Parameters
    ----------
    then, now : iterable of option keys
    """
    then, now = list(then), list(now)
    come = ", ".join(_title(plan, key) for key in then if key not in now)
    go = ", ".join(_title(plan, key) for key in now if key not in then)
    return moves_cell(come, go)


def moves_cell(come: str, go: str) -> Cell:
    """Return who comes and below it who goes, as titles; a cell that says so where nobody does."""
    said = [
        _("In: %(titles)s", titles=come) if come else "",
        _("Out: %(titles)s", titles=go) if go else "",
    ]
    first, *rest = [*filter(None, said)] or [_("the same")]
    return Cell(first, note=rest[0] if rest else None)


def _title(plan: Plan, key: str) -> str:
    intervention, option = plan.options[key]
    if len(intervention.options) > 1 and option.title:
        return f"{intervention.title} ({option.title})"
    return intervention.title
