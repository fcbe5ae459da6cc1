"""The method page, made from the classes: ``python -m optimizer.method > docs/method.md``.

What a rule means, its formula, its fields, their units and bounds stand once, on its class; the
page repeats them, so it cannot say anything else than what is computed.
"""

import inspect
import sys
from collections.abc import Iterator
from typing import Any

from optimizer.appraisal import Appraisal, DiscountFactors
from optimizer.constraints import Constraint, constraints
from optimizer.financing import PaymentTerms
from optimizer.intervention import CashFlow, Intervention, Measure, Option
from optimizer.objectives import objectives
from optimizer.pool import InvestmentPool, Repayment
from optimizer.program import Row
from optimizer.quantity import Quantity, is_required, quantities
from optimizer.relations import relations
from optimizer.scenario import NextObjective
from optimizer.sentence import NO_BREAK_SPACE, Sentence, listing, number
from optimizer.tagged import Registry

INTRODUCTION = """\
# Method

What Bundlinje computes, rule by rule, in the words of the code that computes it. This page is made
from the classes in `optimizer/` by `python -m optimizer.method > docs/method.md`; do not edit it.
Every rule has its name in Danish and English, the tag under which it is stored, its formula, and
its fields with unit and bounds.

In the formulas y is 1 where an option is chosen and 0 where it is not, z is the scale at which it
is funded (y for an option that is all or nothing), and a sum over o runs over options, over i over
interventions. All amounts are whole kroner of the plan's price year; positive is into a purse,
negative is out of it. Everything is computed exactly, in integers and fractions; the solver only
proposes a plan, and its proposal is added up anew.
"""

FOUNDATIONS = (CashFlow, Option, Intervention, Measure, DiscountFactors)
SUMS = (Appraisal.payback_year, Appraisal.repaid, Appraisal.net)
KINDS = {
    "kroner": Sentence("hele kroner", "whole kroner"),
    "number": Sentence("tal", "number"),
    "share": Sentence("andel fra 0 til 1", "share from 0 to 1"),
    "count": Sentence("antal", "whole number"),
    "year": Sentence("årstal", "calendar year"),
    "years": Sentence("[første, sidste] år", "[first, last] year"),
    "kroner_by_year": Sentence("kroner år for år", "kroner by year"),
    "flag": Sentence("ja eller nej", "true or false"),
    "text": Sentence("tekst", "text"),
    "payers": Sentence("kasser eller alle", "ids of payers, or all"),
    "payer": Sentence("kasse", "id of a payer"),
    "intervention": Sentence("indsats", "id of an intervention"),
    "interventions": Sentence("indsatser", "ids of interventions"),
    "options": Sentence("muligheder", "keys of options"),
    "fund": Sentence("effektfond", "id of an outcome fund"),
    "measure": Sentence("måltal", "name of a measure"),
    "where": Sentence("udvalg", "filter"),
}


def method_page() -> str:
    """Return the page as Markdown."""
    return "\n".join(_parts()).replace(NO_BREAK_SPACE, " ") + "\n"


def _parts() -> Iterator[str]:
    yield INTRODUCTION
    yield "## What goes in\n"
    for cls in FOUNDATIONS:
        yield f"### {cls.__name__}\n"
        yield _text(cls)
    yield "## How it is added up\n"
    for function in SUMS:
        yield f"### {function.__name__.replace('_', ' ').capitalize()}\n"
        yield _text(function)
    yield "## Pools\n"
    for pool in (InvestmentPool, Repayment):
        yield f"### {pool.__name__}\n"
        yield _text(pool)
    yield "## Outcome contracts\n"
    yield _text(PaymentTerms)
    yield "## What is maximised\n"
    yield from _family(objectives)
    yield "### Mål efter hinanden · Objectives in order (`then`)\n"
    yield _text(NextObjective)
    yield "## Relations between interventions\n"
    yield from _family(relations)
    yield "## Limits\n"
    yield _text(Constraint)
    yield _table(Constraint)
    yield from _family(constraints, shared=Constraint)
    yield "## Rows\n"
    yield "Every rule becomes rows of this form, for the solver and for judging any plan.\n"
    yield _text(Row)


def _family(registry: Registry[Any], shared: type | None = None) -> Iterator[str]:
    common = frozenset(quantities(shared)) if shared else frozenset[str]()
    for cls in registry.classes():
        yield f"### {cls.title.da} · {cls.title.en} (`{cls.tag}`)\n"
        yield f"{cls.about.da}\n"
        yield f"{cls.about.en}\n"
        yield _text(cls)
        if cls.source:
            yield f"Source: {cls.source}\n"
        yield _table(cls, without=common)


def formula_of(documented: object) -> str:
    """Return what a class or a function says of itself, its lines and formulas as they stand.

    Its examples are left out: they are for those who program.
    """
    return (inspect.getdoc(documented) or "").split("\nExamples\n---")[0].rstrip()


def _text(documented: object) -> str:
    return f"```text\n{formula_of(documented)}\n```\n"


def _table(cls: type, without: frozenset[str] = frozenset()) -> str:
    lines = ["| Key | Dansk | English | Is | Bounds |", "|---|---|---|---|---|"]
    fields = {k: about for k, about in quantities(cls).items() if k not in without}
    for name, about in fields.items():
        cells = (
            f"`{name}`",
            about.label.da,
            about.label.en,
            _kind(about),
            _bounds(cls, name, about),
        )
        lines.append("| " + " | ".join(cells) + " |")
    notes = [
        f"- `{name}`: {about.help.da} · {about.help.en}"
        for name, about in fields.items()
        if about.help.da
    ]
    return "\n".join([*lines, "", *notes, *([""] if notes else [])])


def _kind(about: Quantity) -> str:
    if about.kind == "choice":
        return listing([f"`{c.value}`" for c in about.choices], Sentence("eller", "or")).en
    words = KINDS[about.kind]
    is_said = about.unit.en in {"", "kr."}
    return words.en if is_said else f"{words.en}, {about.unit.en}"


def _bounds(cls: type, name: str, about: Quantity) -> str:
    parts = ["required" if is_required(cls, name) else "may be left out"]
    if about.above is not None:
        parts.append(f"above {number(about.above).en}")
    if about.minimum is not None and about.kind != "share":
        parts.append(f"at least {number(about.minimum).en}")
    if about.maximum is not None and about.kind != "share":
        parts.append(f"at most {number(about.maximum).en}")
    return ", ".join(parts)


if __name__ == "__main__":
    sys.stdout.write(method_page())
