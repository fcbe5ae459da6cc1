"""What a plan file holds, for the one who is about to store it."""

from dataclasses import dataclass
from fractions import Fraction

from flask_babel import gettext as _
from flask_babel import ngettext

from optimizer import Appraisal, Intervention, InvestmentPool, Plan, Sentence
from optimizer.constraints.base import capital
from optimizer.sentence import listing
from planner import formats
from planner.formats import Language
from planner.reports.scenario_facts import goals_text, within_text
from planner.reports.values import Cell, Column, Row, Table


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """A plan in words: facts as pairs, limits as sentences, the interventions as a table."""

    title: str
    scenario: str
    facts: tuple[tuple[str, str], ...]
    limits: tuple[str, ...]
    table: Table


def preview_of(plan: Plan, *, language: Language) -> PlanPreview:
    """Return what a plan holds, in the reader's language."""
    return PlanPreview(
        title=plan.title,
        scenario=plan.scenario.title,
        facts=tuple(_facts(plan, language)),
        limits=tuple(limit.named(plan).say(language) for limit in plan.scenario.constraints),
        table=_table(plan),
    )


def _facts(plan: Plan, language: Language) -> list[tuple[str, str]]:
    flows = sum(len(o.flows) for i in plan.interventions for o in i.options)
    return [
        (_("Scenario"), plan.scenario.title),
        (_("Price year"), str(plan.price_year)),
        (_("Budget period"), formats.years(*plan.budget_period, language=language)),
        (_("Years that count"), formats.years(*plan.horizon, language=language)),
        (_("Purses"), ", ".join(payer.name for payer in plan.payers)),
        (_("Departments"), ", ".join(department.name for department in plan.departments)),
        (
            _("Interventions"),
            _(
                "%(interventions)s, with %(options)s options and %(flows)s cash flows",
                interventions=formats.number(len(plan.interventions), language=language),
                options=formats.number(len(plan.options), language=language),
                flows=formats.number(flows, language=language),
            ),
        ),
        (_("Ties between them"), _ties(plan)),
        (_("Pools"), "; ".join(pool_in_words(p, language) for p in plan.scenario.pools) or "–"),
        (_("Goal"), goal_in_words(plan).say(language)),
        *(
            (
                _("Goal %(number)s", number=place),
                ", ".join(
                    (
                        goals_text(goal.terms, plan, language=language),
                        within_text(goal.within, language=language),
                    )
                ),
            )
            for place, goal in enumerate(plan.scenario.then, 2)
        ),
    ]


def _ties(plan: Plan) -> str:
    count = len(plan.relations)
    return ngettext("%(num)s tie", "%(num)s ties", count) if count else formats.shown(0)


def pool_in_words(pool: InvestmentPool, language: Language) -> str:
    """Return a pool's name and how much is in it."""
    return f"{pool.name}: {formats.say_million(pool.amount, language=language)}"


def goal_in_words(plan: Plan) -> Sentence:
    """Return what the scenario maximises, as a sentence."""
    parts = []
    for term in plan.scenario.objective:
        words = term.sentence(plan)
        if term.weight != Fraction(1):
            weight = Sentence(
                formats.measure(term.weight, decimals=6, language="da"),
                formats.measure(term.weight, decimals=6, language="en"),
            )
            words = Sentence(f"{weight.da} × {words.da}", f"{weight.en} × {words.en}")
        parts.append(words)
    return capital(Sentence(listing([p.da for p in parts]).da, listing([p.en for p in parts]).en))


def _table(plan: Plan) -> Table:
    appraisal = Appraisal(plan)
    departments = {department.id: department.name for department in plan.departments}
    return Table(
        title=_("Interventions"),
        caption=_(
            "Outlay in 1,000 kr., %(year)s prices; where there are several options, from the"
            " smallest to the largest.",
            year=plan.price_year,
        ),
        columns=(
            Column("intervention", _("Intervention")),
            Column("department", _("Department")),
            Column("options", _("Options"), "count"),
            Column("smallest", _("Smallest outlay"), "thousand"),
            Column("largest", _("Largest outlay"), "thousand"),
            Column("stars", _("Evidence"), "stars"),
        ),
        rows=tuple(_line(i, appraisal, departments) for i in plan.interventions),
    )


def _line(i: Intervention, appraisal: Appraisal, departments: dict[str, str]) -> Row:
    outlays = [appraisal.outlay(option) for option in i.options]
    return Row(
        (
            Cell(i.title, note=i.id),
            Cell(departments[i.department]),
            Cell(len(i.options)),
            Cell(min(outlays)),
            Cell(max(outlays)),
            Cell(i.evidence_stars),
        )
    )
