"""Who pays: fixed shares by purse, or a rule with a date, as fields and as a document."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from optimizer.cases.quantities import exact_document
from planner.forms.argument_fields import Box, Choice, Json, Typed, shown
from planner.forms.argument_steps import Surroundings

FIXED = "fixed"
#: two periods are shown as fixed shares and those that follow; with more it is kept as it was
DATED = "dated"
TWO = 2
LATER = "later-"
LONGEST_WEEKS = 5_200
DAYS_OF_A_YEAR = 366


def rule_choices(*, only_shares: bool = False, has_dated: bool = False) -> list[Choice]:
    """Return the ways to part an amount between the purses."""
    found = [(FIXED, _("Fixed shares"))]
    if not only_shares:
        found += [
            ("refusion", _("The state refunds a benefit by its weeks (refusion staircase)")),
            ("central_refund", _("The state refunds one citizen's costly help (section 176)")),
            ("shelter", _("The state refunds days in a shelter (section 110)")),
        ]
    if has_dated:
        found.append((DATED, _("Shares that change by year, as they were")))
    return found


def rule_boxes(*, only_shares: bool = False, has_dated: bool = False) -> list[Box]:
    """Return the choice of a rule."""
    choices = rule_choices(only_shares=only_shares, has_dated=has_dated)
    return [
        Box(
            "rule",
            _("Who pays"),
            _("How the amount is shared between the purses."),
            choices=choices,
            width="wide",
        )
    ]


def share_boxes(around: Surroundings) -> list[Box]:
    """Return a share for each purse."""
    return [
        Box(f"share-{key}", name, unit="%", width="short") for key, name, _level in around.payers
    ]


def later_boxes(around: Surroundings) -> list[Box]:
    """Return the year from which the shares are others, and those shares."""
    year = Box(
        "from_year",
        _("Other shares from the year"),
        _("For instance 2030. Empty when they stay as they are."),
        width="short",
        optional=True,
    )
    return [year, *(replace(box, part=f"{LATER}{box.part}") for box in share_boxes(around))]


def number_boxes() -> list[Box]:
    """Return the numbers that the rules of the state ask for."""
    return [
        Box(
            "weeks_before",
            _("Weeks on the benefit before the start"),
            _("Of the refusion staircase. 0 when the citizen is new on it; 52 after a year."),
            width="short",
            optional=True,
        ),
        Box(
            "yearly_cost",
            _("What the citizen's help costs a year without the intervention"),
            _("Of section 176, for instance 2.500.000."),
            unit=_("kr."),
            optional=True,
        ),
        Box(
            "days_without",
            _("Days in a shelter a year without the intervention"),
            _("Of section 110, for instance 200."),
            unit=_("days"),
            width="short",
            optional=True,
        ),
    ]


def fields_of(split: Mapping[str, Any]) -> dict[str, str]:
    """Return a split of a document as fields."""
    values = {"rule": split["rule"]}
    if split["rule"] == FIXED:
        values |= _share_fields("", split["shares"])
    elif split["rule"] == DATED and len(split["by_year"]) == TWO:
        (_first, before), (year, after) = _periods(split)
        values = {"rule": FIXED, "from_year": str(year)}
        values |= _share_fields("", before["shares"]) | _share_fields(LATER, after["shares"])
    for key in ("weeks_before", "yearly_cost", "days_without"):
        if split.get(key) is not None:
            values[key] = shown(split[key])
    return values


def _share_fields(period: str, shares: Mapping[str, Json]) -> dict[str, str]:
    return {f"{period}share-{key}": shown(share, times=100) for key, share in shares.items()}


def _periods(split: Mapping[str, Any] | None) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the periods of dated shares, oldest first; none of another split."""
    if split is None or split["rule"] != DATED:
        return []
    return sorted((int(year), shares) for year, shares in split["by_year"].items())


def usual_fields(around: Surroundings) -> dict[str, str]:
    """Return what a new item has: all of it the municipality's."""
    return {"rule": FIXED, f"share-{around.payer_of('municipality')}": "100"}


def read(
    typed: Typed,
    prefix: str,
    around: Surroundings,
    known: Mapping[str, Any] | None,
    choices: Sequence[Choice],
) -> dict[str, Json] | None:
    """Return the split that the fields say; None after noting what is missing or wrong."""
    rule = typed.choice(f"{prefix}rule", _("Who pays"), [value for value, _text in choices])
    if rule == DATED:
        return dict(known) if known and known.get("rule") == DATED else None
    if rule == FIXED and any(typed.get(f"{prefix}{b.part}").strip() for b in later_boxes(around)):
        return _two_periods(typed, prefix, around, known)
    if rule == FIXED:
        periods = _periods(known)
        return _shares(typed, prefix, around, periods[0][1] if periods else known)
    if rule is None:
        return None
    pair = {"municipality": around.payer_of("municipality"), "state": around.payer_of("state")}
    if not all(pair.values()):
        typed.note(f"{prefix}rule", _("The strategy lacks a purse of the municipality or state."))
        return None
    if known and known.get("rule") == rule:
        pair = {key: known[key] for key in pair}
    numbers = _numbers(typed, prefix, rule, around)
    return None if numbers is None else {"rule": rule, **pair, **numbers}


def _two_periods(
    typed: Typed, prefix: str, around: Surroundings, known: Mapping[str, Any] | None
) -> dict[str, Json] | None:
    """Return shares that are others from a year on."""
    periods = _periods(known)
    first, stored = periods[0] if periods else (around.years[0], known)
    label = _("Other shares from the year")
    year = typed.year(f"{prefix}from_year", label)
    before = _shares(typed, prefix, around, stored)
    then = periods[1][1] if len(periods) == TWO else None
    after = _shares(typed, f"{prefix}{LATER}", around, then)
    if year is not None and year <= first:
        text = _("%(field)s: write a year after %(year)s.", field=label, year=first)
        typed.note(f"{prefix}from_year", text)
        return None
    if year is None or before is None or after is None:
        return None
    of_period = ({k: v for k, v in one.items() if k != "rule"} for one in (before, after))
    return {"rule": DATED, "by_year": dict(zip(map(str, (first, year)), of_period, strict=True))}


def _shares(
    typed: Typed, prefix: str, around: Surroundings, known: Mapping[str, Any] | None
) -> dict[str, Json] | None:
    noted = len(typed.errors)
    before: Mapping[str, Json] = (known or {}).get("shares") or {}
    shares: dict[str, Fraction] = {}
    for key, name, _level in around.payers:
        share = typed.percent(f"{prefix}share-{key}", name, required=False)
        if share is None:
            continue
        same = key in before and typed.get(f"{prefix}share-{key}") == shown(before[key], times=100)
        shares[key] = Fraction(str(before[key])) if same else share
    if len(typed.errors) > noted:
        return None
    kept = {key: share for key, share in shares.items() if share}
    if sum(kept.values(), Fraction(0)) != 1:
        first = f"{prefix}share-{around.payers[0][0]}" if around.payers else f"{prefix}rule"
        typed.note(first, _("Who pays: the shares must add up to 100 %."), is_wrong=bool(kept))
        return None
    source = (known or {}).get("source")
    document: dict[str, Json] = {
        "rule": FIXED,
        "shares": {key: exact_document(share) for key, share in kept.items()},
    }
    return document | ({"source": source} if source else {})


def _numbers(typed: Typed, prefix: str, rule: str, around: Surroundings) -> dict[str, Json] | None:
    if rule == "refusion":
        label = _("Weeks on the benefit before the start")
        weeks = typed.whole(f"{prefix}weeks_before", label, required=False, most=LONGEST_WEEKS)
        is_read = f"{prefix}weeks_before" not in typed.wrong
        return ({"weeks_before": weeks} if weeks else {}) if is_read else None
    if rule == "shelter":
        label = _("Days in a shelter a year without the intervention")
        days = typed.whole(f"{prefix}days_without", label, most=DAYS_OF_A_YEAR)
        return None if days is None else {"days_without": days}
    label = _("What the citizen's help costs a year without the intervention")
    cost = typed.kroner(f"{prefix}yearly_cost", label, required=True)
    return None if cost is None else {"yearly_cost": cost, "price_year": around.price_year}
