"""Why no plan keeps every limit, and what would help, from the document of the explanation."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from optimizer import Plan
from optimizer.allocation import index_of
from planner import formats
from planner.formats import Language
from planner.reports.limit_uses import UNITS, room
from planner.reports.why import POOLS, exact, worth

Json = Any


@dataclass(frozen=True, slots=True)
class Way:
    """One change that alone makes a plan possible.

    Parameters
    ----------
    path : str
        Place of the limit in the plan.
    amount : str
        By how much it is loosened, in words; empty for a rule that is given up.
    value : str
        What the best plan is worth then.
    is_proved : bool
        Whether nothing smaller would do, and no plan is better then.
    """

    path: str
    label: str
    amount: str
    value: str
    is_proved: bool


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A smallest conflict, and the changes that alone make a plan possible, the best first.

    Parameters
    ----------
    conflict : tuple of str
        Limits, relations and forced choices that cannot all hold.
    is_proved : bool
        Whether none of them can be spared.
    """

    conflict: tuple[str, ...]
    is_proved: bool
    loosenings: tuple[Way, ...]
    releases: tuple[Way, ...]


def diagnosis_of(
    explanation: Mapping[str, Json], plan: Plan, *, language: Language
) -> Diagnosis | None:
    """Return what an explanation says of a plan that does not exist; None where there is one."""
    if not explanation["conflict"]:
        return None
    return Diagnosis(
        conflict=tuple(rule["label"] for rule in explanation["conflict"]),
        is_proved=explanation.get("conflict_proved", True),
        loosenings=tuple(_way(one, plan, language) for one in explanation["loosening"]),
        releases=tuple(_way(one, plan, language) for one in explanation.get("releases", ())),
    )


def _way(one: Mapping[str, Json], plan: Plan, language: Language) -> Way:
    return Way(
        path=one["path"],
        label=one["label"],
        amount=_amount(one, plan, language) if "by" in one else "",
        value=worth(plan, exact(one["objective"]), language=language),
        is_proved=one.get("proved", True),
    )


def _amount(one: Mapping[str, Json], plan: Plan, language: Language) -> str:
    path, by = one["path"], one["by"]
    unit = "money"
    if not path.startswith(POOLS):
        unit = UNITS.get(plan.scenario.constraints[index_of(path)].tag, "number")

    def said(value: float) -> str:
        if unit == "money":
            return formats.say_kroner(exact(value), language=language)
        if unit == "percent":
            return room(_rounded_up(exact(value)), "percent", language=language)
        return room(exact(value), unit, language=language)  # type: ignore[arg-type] # from UNITS

    if isinstance(by, Mapping):
        return ", ".join(
            _("%(amount)s in %(year)s", amount=said(amount), year=year)
            for year, amount in by.items()
            if amount
        )
    return said(by)


def _rounded_up(share: Fraction) -> Fraction:
    """Return a share in tenths of a percentage point: with less there would be no plan."""
    return Fraction(-(-share * 1000 // 1), 1000)
