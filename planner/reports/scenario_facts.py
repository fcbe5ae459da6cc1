"""A scenario's pools, goal, relations and limits in words, with or without a result."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from optimizer import Plan
from optimizer.objectives.base import ObjectiveTerm
from optimizer.relations import Overlap, Relation
from planner import formats
from planner.formats import Language

Json = Any


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the scenario: what it is about, what is so, and the small print."""

    label: str
    text: str
    detail: str = ""
    href: str | None = None


def pool_facts(
    pools: Iterable[Mapping[str, Json]], plan: Plan, *, language: Language
) -> list[Fact]:
    """Return each pool with its amount, and its repayment where it has one."""
    facts = []
    for pool in pools:
        facts.append(_amount(pool, language=language))
        if pool.get("repayment"):
            facts.append(_repayment(pool["repayment"], plan, language=language))
    return facts


def _amount(pool: Mapping[str, Json], *, language: Language) -> Fact:
    paid_in = pool.get("paid_in")
    if paid_in is None:
        total = formats.say_million(pool.get("total", 0), language=language)
        return Fact(pool["name"], _("%(amount)s in all", amount=total))
    years = sorted(int(year) for year, amount in paid_in.items() if amount) or [0]
    amounts = [formats.million(paid_in[str(y)], language=language) for y in years if y]
    text = _(
        "%(amount)s over %(years)s",
        amount=formats.say_million(sum(paid_in.values()), language=language),
        years=formats.years(years[0], years[-1], language=language),
    )
    rest = (
        _("a year, the rest is carried over")
        if pool.get("carry_over")
        else _("a year, the rest is not carried over")
    )
    return Fact(pool["name"], text, f"{' · '.join(amounts)} {rest}" if amounts else "")


def _repayment(terms: Mapping[str, Json], plan: Plan, *, language: Language) -> Fact:
    share = formats.percent(Fraction(repr(terms["share"])), language=language)
    names = {p.id: p.name for p in plan.payers}
    payers = ", ".join(names.get(p, p) for p in terms["payers"])
    when = (
        _("from the year after, until the outlay is covered")
        if terms["available"] == "next_year"
        else _("in the same year, until the outlay is covered")
    )
    if terms["case"] == "low":
        when = f"{when}; {_('by the low estimate')}"
    return Fact(
        _("Repayment"),
        _("%(share)s of the cashable savings", share=share),
        f"{payers}, {when}",
    )


def futures_fact(outcomes: Mapping[str, Json] | None, *, language: Language) -> Fact:
    """Return how many possible futures there are, and what they have in common."""
    label = _("Possible futures")
    if outcomes is None:
        return Fact(label, _("none: only what is expected counts"))
    if "net_saving" in outcomes:
        count = len(next(iter(outcomes["net_saving"].values()), ()))
        return Fact(
            label,
            _("%(count)s, listed in a plan file", count=formats.number(count, language=language)),
        )
    sample = outcomes["sample"]
    shares = {
        name: share_text(Fraction(repr(sample["correlation"].get(name, 0))), language=language)
        for name in ("target_group", "department", "all")
    }
    return Fact(
        label,
        _("%(count)s, drawn", count=formats.number(sample["count"], language=language)),
        _(
            "in common: target group %(target_group)s, department %(department)s, all %(all)s;"
            " seed %(seed)s",
            seed=sample["seed"],
            **shares,
        ),
    )


def share_text(share: Fraction, *, language: Language) -> str:
    """Return a share in percent with the decimals that it has, at most two."""
    decimals = next((n for n in (0, 1) if (share * 100 * 10**n).denominator == 1), 2)
    return formats.percent(share, decimals=decimals, language=language)


def pool_total(pools: Iterable[Mapping[str, Json]]) -> int:
    """Return all the money of some pools, kroner."""
    return sum(
        pool["total"] if pool.get("total") is not None else sum(pool["paid_in"].values())
        for pool in pools
    )


def goal_text(term: ObjectiveTerm, plan: Plan, *, alone: bool, language: Language) -> str:
    """Return what is maximised: ``Størst nettobesparelse for kommunen (…)``."""
    said = _("Greatest %(what)s", what=term.sentence(plan).say(language))
    if alone and term.weight == 1:
        return said
    weight = formats.measure(term.weight, language=language)
    return _("%(said)s, weight %(weight)s", said=said, weight=weight)


def goals_text(terms: Iterable[ObjectiveTerm], plan: Plan, *, language: Language) -> str:
    """Return one goal, all its terms in one line."""
    found = tuple(terms)
    return "; ".join(
        goal_text(term, plan, alone=len(found) == 1, language=language) for term in found
    )


def within_text(within: Fraction, *, language: Language) -> str:
    """Return how much of the goal before may be given up for a later one."""
    if not within:
        return _("without giving up anything of the goal before")
    return _(
        "within %(share)s of the best of the goal before",
        share=share_text(within, language=language),
    )


def worth_text(
    value: Fraction | None, terms: Iterable[ObjectiveTerm], *, language: Language
) -> str:
    """Return what a goal reaches, kroner where it is money alone."""
    write = formats.say_kroner if all(term.is_money for term in terms) else formats.measure
    return write(value, language=language)


def relation_text(relation: Relation, plan: Plan, *, language: Language) -> tuple[str, str]:
    """Return a relation as a sentence, and what an overlap costs."""
    titles = {i.id: i.title for i in plan.interventions}
    text = relation.sentence({**{m: m for m in relation.members()}, **titles}).say(language)
    if not isinstance(relation, Overlap):
        return text, ""
    names = {p.id: p.name for p in plan.payers}
    years = sorted(year for year, amount in relation.loses.items() if amount)
    if not years:
        return text, ""
    return text, _(
        "%(payer)s saves %(amount)s less in %(years)s",
        payer=names.get(relation.payer, relation.payer),
        amount=formats.say_million(sum(relation.loses.values()), language=language),
        years=formats.years(years[0], years[-1], language=language),
    )
