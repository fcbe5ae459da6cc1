"""What a limit is about, without its number: the same limit of two scenarios is one line."""

from collections.abc import Iterable
from functools import singledispatch

from flask_babel import gettext as _

from optimizer import Case, Filter, Plan, Sentence
from optimizer.constraints.base import Constraint
from optimizer.constraints.money import (
    Cumulative,
    Invested,
    InvestedShare,
    NetSavingLimit,
    Spending,
)
from optimizer.constraints.selection import Chosen, Evidence, MeasureLimit, Payback
from optimizer.filters import within
from optimizer.objectives.base import payer_names
from planner import formats
from planner.formats import Language

TO = Sentence("til", "to")
FROM = Sentence("fra", "from")


def _inside(where: Filter | None, plan: Plan, word: Sentence, language: Language) -> str:
    return within(where, plan, word).say(language)


def _year(year: int | None) -> str:
    return "" if year is None else f", {year}"


def _payers(payers: Iterable[str] | None, plan: Plan, language: Language) -> str:
    return payer_names(plan, payers).say(language)


@singledispatch
def name_of(rule: Constraint, plan: Plan, language: Language) -> str:  # noqa: ARG001 - a default
    """Return what the limit is about; empty where only its whole sentence tells it."""
    return ""


@name_of.register
def _invested(rule: Invested, plan: Plan, language: Language) -> str:
    words = _("Outlay")
    return f"{words}{_inside(rule.where, plan, TO, language)}{_year(rule.year)}"


@name_of.register
def _share(rule: InvestedShare, plan: Plan, language: Language) -> str:
    words = _("Share of the outlay")
    return f"{words}{_inside(rule.where, plan, TO, language)}"


@name_of.register
def _chosen(rule: Chosen, plan: Plan, language: Language) -> str:
    words = _("Number of interventions")
    return f"{words}{_inside(rule.where, plan, FROM, language)}"


@name_of.register
def _measure(rule: MeasureLimit, plan: Plan, language: Language) -> str:
    name = rule.measure[:1].upper() + rule.measure[1:]
    return f"{name}{_inside(rule.where, plan, FROM, language)}{_year(rule.year)}"


@name_of.register
def _evidence(rule: Evidence, plan: Plan, language: Language) -> str:  # noqa: ARG001 - one of a family
    return str(_("Mean evidence"))


@name_of.register
def _payback(rule: Payback, plan: Plan, language: Language) -> str:
    return str(_("Paid back for %(payers)s by", payers=_payers(rule.payers, plan, language)))


@name_of.register
def _cumulative(rule: Cumulative, plan: Plan, language: Language) -> str:
    return str(
        _(
            "Cumulative result of %(payers)s from %(year)s",
            payers=_payers(rule.payers, plan, language),
            year=rule.from_year,
        )
    )


@name_of.register
def _spending(rule: Spending, plan: Plan, language: Language) -> str:
    return str(
        _(
            "Rise in spending of %(payers)s: %(category)s",
            payers=_payers(rule.payers, plan, language),
            category=rule.category.label.say(language),
        )
    )


@name_of.register
def _net_saving(rule: NetSavingLimit, plan: Plan, language: Language) -> str:
    first, last = rule.years or (plan.budget_period if rule.period == "budget" else plan.horizon)
    words = _(
        "Net saving of %(payers)s, %(years)s",
        payers=_payers(rule.payers, plan, language),
        years=formats.years(first, last, language=language),
    )
    parts = [f"{words}{_inside(rule.where, plan, FROM, language)}"]
    if rule.discounted:
        parts.append(_("present value"))
    if rule.cashable_only:
        parts.append(_("only what is cashable"))
    if rule.case is not Case.EXPECTED:
        parts.append(_("%(case)s estimate", case=rule.case.label.say(language)))
    return ", ".join(parts)
