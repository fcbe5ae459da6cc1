"""What a plan must keep, beyond being valid, before it can lie in the database."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from optimizer import (
    Department,
    Intervention,
    InvestmentPool,
    Measure,
    Option,
    Payer,
    Plan,
    PlanError,
    Sentence,
    plan_document,
    plan_from_document,
)
from planner.model import InterventionRecord, StrategyRecord
from planner.services.cases import case_documents, decimal_text
from planner.services.scenarios import newest_accepted
from planner.services.strategies import cases_document, strategy_document

LONGEST_NAME = 200
LONGEST_KEY = 100
LONGEST_NUMBER = 40
MOST_BUDGET_YEARS = 50
FIRST_PRINTABLE = " "
# what a text may hold below the first printable character
BLANKS = frozenset("\t\n\r")


def exact_text(value: Fraction | int) -> str:
    """Return a number as decimal text; the numbers of a plan file are all finite decimals.

    A tiny or a huge one is written with an exponent: its plain digits would have no room.
    """
    number = Fraction(value)
    if number.denominator == 1 and len(str(number.numerator)) <= LONGEST_NUMBER:
        return str(number.numerator)
    # a float's shortest decimal, which the plan's reader turns back into the same fraction
    shortest = repr(float(number))
    if Fraction(shortest) != number:
        return str(number)  # too long, or a fraction such as 1/3 that no file can hold
    plain = decimal_text(Decimal(shortest))
    return plain if len(plain) <= LONGEST_NUMBER else shortest


def storing_errors(plan: Plan) -> list[PlanError]:
    """Return everything in ``plan`` that the database has no room for, each at its path."""
    return [
        *_unwritable(plan_document(plan), ""),
        *_long_frame(plan),
        *(
            error
            for place, intervention in enumerate(plan.interventions)
            for error in _long_intervention(intervention, f"interventions[{place}]")
        ),
    ]


def _unwritable(value: Any, path: str) -> Iterator[PlanError]:
    """Yield the texts with characters that no database stores: control codes, half letters."""
    if isinstance(value, str) and not _is_writable(value):
        yield PlanError(
            path,
            Sentence(
                "Teksten har et tegn, der ikke kan gemmes (styretegn eller halvt tegn).",
                "The text holds a character that cannot be stored (a control code or half a"
                " character).",
            ),
        )
    elif isinstance(value, dict):
        for key, inner in value.items():
            at = f"{path}.{key}" if path else key
            yield from _unwritable(key, at)
            yield from _unwritable(inner, at)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _unwritable(inner, f"{path}[{place}]")


def _is_writable(text: str) -> bool:
    if any(c < FIRST_PRINTABLE and c not in BLANKS for c in text):
        return False
    return not any("\ud800" <= c <= "\udfff" for c in text)


def _long(path: str, text: str | None, most: int) -> Iterator[PlanError]:
    if text is not None and len(text) > most:
        yield PlanError(
            path,
            Sentence(
                f"Teksten er på {len(text)} tegn; der er plads til {most}.",
                f"The text has {len(text)} characters; there is room for {most}.",
            ),
        )


def _titled(path: str, text: str) -> Iterator[PlanError]:
    yield from _long(path, text, LONGEST_NAME)
    if not text.strip():
        yield PlanError(
            path,
            Sentence(
                "Skriv en titel; den bliver navnet i programmet.",
                "Write a title; it becomes the name in the program.",
            ),
        )


def _long_frame(plan: Plan) -> Iterator[PlanError]:
    yield from _titled("title", plan.title)
    yield from _titled("scenario.title", plan.scenario.title)
    if plan.budget_years > MOST_BUDGET_YEARS:
        yield PlanError(
            "budget_years",
            Sentence(
                f"Budgetperioden kan højst være på {MOST_BUDGET_YEARS} år.",
                f"The budget period can have at most {MOST_BUDGET_YEARS} years.",
            ),
        )
    named: tuple[tuple[str, Iterable[Payer | Department | InvestmentPool]], ...] = (
        ("payers", plan.payers),
        ("departments", plan.departments),
        ("scenario.pools", plan.scenario.pools),
    )
    for key, things in named:
        for place, thing in enumerate(things):
            yield from _long(f"{key}[{place}].id", thing.id, LONGEST_KEY)
            yield from _long(f"{key}[{place}].name", thing.name, LONGEST_NAME)


def _long_intervention(intervention: Intervention, path: str) -> Iterator[PlanError]:
    yield from _long(f"{path}.id", intervention.id, LONGEST_KEY)
    yield from _long(f"{path}.title", intervention.title, LONGEST_NAME)
    yield from _long(f"{path}.target_group", intervention.target_group, LONGEST_NAME)
    yield from _long(f"{path}.supplier", intervention.supplier, LONGEST_NAME)
    for place, option in enumerate(intervention.options):
        yield from _long_option(option, f"{path}.options[{place}]")


def _long_option(option: Option, path: str) -> Iterator[PlanError]:
    yield from _long(f"{path}.id", option.id, LONGEST_KEY)
    yield from _long(f"{path}.title", option.title, LONGEST_NAME)
    yield from _long(f"{path}.pool", option.pool, LONGEST_KEY)
    if option.minimum_scale is not None:
        yield from _long_number(f"{path}.scalable.minimum", option.minimum_scale)
    for place, flow in enumerate(option.flows):
        yield from _long(f"{path}.flows[{place}].budget_line", flow.budget_line, LONGEST_KEY)
    for name, measure in option.measures.items():
        yield from _long_measure(f"{path}.measures.{name}", name, measure)


def _long_measure(path: str, name: str, measure: Measure) -> Iterator[PlanError]:
    yield from _long(path, name, LONGEST_KEY)
    if measure.by_year is None:
        yield from _long_number(path, measure.total)
        return
    if not measure.by_year:
        yield PlanError(path, Sentence("Måltallet har ingen år.", "The measure has no years."))
    for year, value in measure.by_year.items():
        yield from _long_number(f"{path}.{year}", value)


def _long_number(path: str, value: Fraction) -> Iterator[PlanError]:
    text = exact_text(value)
    if len(text) > LONGEST_NUMBER or "/" in text:
        yield PlanError(
            path,
            Sentence(
                f"Tallet har flere end {LONGEST_NUMBER} cifre.",
                f"The number has more than {LONGEST_NUMBER} digits.",
            ),
        )


# --- A plan that joins a strategy -----------------------------------------------------------------


def joining_errors(session: Session, plan: Plan, strategy: StrategyRecord) -> list[PlanError]:
    """Return where ``plan`` contradicts what the strategy already holds.

    The frame (years, discounting, purses, departments) must be the same. An intervention that the
    strategy knows must equal its newest accepted case; a force is the scenario's own affair.
    """
    errors = list(_different_frame(plan, strategy))
    return errors or list(_different_interventions(session, plan, strategy))


def _frame(document: dict[str, Any]) -> dict[str, Any]:
    keys = "title price_year budget_year budget_years horizon discount payers departments".split()
    return {key: document.get(key) for key in keys}


def _different_frame(plan: Plan, strategy: StrategyRecord) -> Iterator[PlanError]:
    stored = _frame(strategy_document(strategy))
    for key, value in _frame(plan_document(plan)).items():
        if stored[key] != value:
            yield PlanError(
                key,
                Sentence(
                    f"Er anderledes i strategien »{strategy.title}«.",
                    f"Is different in the strategy “{strategy.title}”.",
                ),
            )


def _different_interventions(
    session: Session, plan: Plan, strategy: StrategyRecord
) -> Iterator[PlanError]:
    stored = stored_interventions(session, strategy)
    known = set(
        session.scalars(
            select(InterventionRecord.key).where(InterventionRecord.strategy_id == strategy.id)
        )
    )
    for place, intervention in enumerate(plan.interventions):
        if intervention.id not in known:
            continue
        if stored.get(intervention.id) != replace(intervention, force=None, force_reason=None):
            yield PlanError(
                f"interventions[{place}]",
                Sentence(
                    f"»{intervention.id}« står anderledes i strategien »{strategy.title}«, er"
                    " trukket tilbage eller har ingen godkendt case.",
                    f"“{intervention.id}” is different in the strategy “{strategy.title}”, is"
                    " withdrawn, or has no accepted case.",
                ),
            )


def stored_interventions(session: Session, strategy: StrategyRecord) -> dict[str, Intervention]:
    """Return the newest accepted case of each intervention as a plan sees it, by its key."""
    cases = newest_accepted(session, strategy)
    documents = case_documents(session, [case.id for case in cases])
    pools = {
        option["pool"]
        for document in documents.values()
        for option in document["options"]
        if option["pool"] is not None
    }
    plan = plan_from_document(cases_document(strategy, documents.values(), pools=sorted(pools)))
    return dict(plan.intervention_by_id)
