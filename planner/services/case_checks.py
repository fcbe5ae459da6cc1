"""What a business case still needs before it can be submitted, and what it had better have.

The rules are facts, not words: a page turns each gap into a sentence and a link to the field.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy.orm import object_session

from optimizer import FlowKind as Kind
from optimizer import PlanErrors, Sentence, plan_from_document
from planner.model import CaseRecord, StrategyRecord
from planner.model.states import FlowKind, Origin
from planner.services.acceptances import saving_lines
from planner.services.attachments import attachments_of
from planner.services.case_argument import outgrown
from planner.services.case_plan import direct_flows, lines_from
from planner.services.cases import CaseData, OptionData, case_data, case_document
from planner.services.strategies import cases_document

#: steps whose fields are kept as typed until they are filled in to the end
ARGUMENT_STEPS = ("effect", "consequences", "costs")


class Gap(StrEnum):
    """One kind of thing that is missing."""

    TITLE = "title"
    SUMMARY = "summary"
    TARGET_GROUP = "target_group"
    OPTION = "option"
    FLOWS = "flows"
    AMOUNTS = "amounts"
    BUDGET_LINE = "budget_line"
    YEAR = "year"
    SUPPLIER = "supplier"
    STARS = "stars"
    BUDGET_OWNER = "budget_owner"
    ACCEPTANCE = "acceptance"
    ATTACHMENT = "attachment"
    TAGS = "tags"
    # what a step of the road asks for
    SUBMITTED_CASE = "submitted_case"
    ACCEPTED_CASE = "accepted_case"
    # a step of the argument that is not filled in to the end
    TYPED = "typed"
    # an argument that cannot be computed as the strategy is now
    ARGUMENT = "argument"
    # what a plan file would refuse, in its own words
    PLAN = "plan"
    # only advice, unless the round asks for it
    EVIDENCE = "evidence"
    CITIZENS = "citizens"
    BAND = "band"


# what a round may ask for beyond what every case needs
REQUIRABLE = (
    *(Gap.BUDGET_OWNER, Gap.ACCEPTANCE, Gap.EVIDENCE, Gap.STARS, Gap.CITIZENS, Gap.BAND),
    *(Gap.SUPPLIER, Gap.TAGS, Gap.ATTACHMENT),
)


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing or wrong, and where.

    Parameters
    ----------
    step : str
        Step of the form.
    option : str
        Key of the option it is about, or nothing.
    place : int
        Number of the line in the option's grid, from 0.
    said : str
        Name of the line, or the year; of an argument, where in its document.
    sentence : Sentence or None
        What the plan file's reader says, or that of the argument.
    anchor : str
        Name of the field, where the step knows it.
    """

    gap: Gap
    step: str
    option: str = ""
    place: int = 0
    said: str = ""
    sentence: Sentence | None = None
    anchor: str = ""


def missing_in(case: CaseRecord) -> list[Missing]:
    """Return everything that keeps a stored case from being submitted."""
    data = case_data(case)
    found = [
        *_description(data),
        *(Missing(Gap.TYPED, step) for step in _half_filled(data)),
        *_argument(data, case.intervention.strategy),
        *_options(data, case.intervention.strategy),
        *required_in(case, "submitted"),
    ]
    return found or list(_of_plan(case, data))


def _half_filled(data: CaseData) -> list[str]:
    """Return the steps that hold fields which are not filled in to the end."""
    typed = data.typed or {}
    # how the options differ stands with the effect
    own = {"effect": ("effect", "variants")}
    return [s for s in ARGUMENT_STEPS if any(part in typed for part in own.get(s, (s,)))]


def required_in(case: CaseRecord, stage: str) -> list[Missing]:
    """Return what the case lacks of that which its round asks for at a stage."""
    the_round = case.intervention.round
    asked = () if the_round is None else the_round.required.get(stage, ())
    data = case_data(case)
    found: list[Missing] = []
    for code in map(Gap, asked):
        if code in {Gap.BUDGET_OWNER, Gap.ACCEPTANCE}:
            found += _of_saving_lines(case, code)
        elif code is Gap.ATTACHMENT:
            found += _no_attachment(case)
        else:
            found += _LACKING[code](data)
    return found


def _no_attachment(case: CaseRecord) -> Iterator[Missing]:
    session = object_session(case)
    if session is not None and not attachments_of(session, case):
        yield Missing(Gap.ATTACHMENT, "attachments")


def _of_saving_lines(case: CaseRecord, gap: Gap) -> Iterator[Missing]:
    """Yield the saving lines without an owner, or without the owner's word."""
    for place, line in enumerate(saving_lines(case)):
        lacks = line.needs_owner if gap is Gap.BUDGET_OWNER else line.awaits
        if lacks:
            said = line.key.line or line.key.budget_line
            yield Missing(gap, "owners", line.option_key, place, said)


def problems_of(case: CaseRecord) -> PlanErrors | None:
    """Return what a plan file would say against the case, or None when it is sound."""
    strategy = case.intervention.strategy
    pools = (pool.key for pool in strategy.pools)
    document = cases_document(strategy, [case_document(case)], pools=pools)
    try:
        plan_from_document(document)
    except PlanErrors as errors:
        return errors
    return None


def advice_for(data: CaseData) -> list[Missing]:
    """Return what would make the case stronger; nothing of it is required."""
    return [gap for code in ADVISED for gap in _LACKING[code](data)]


def _no_evidence(data: CaseData) -> Iterator[Missing]:
    if not data.evidence.strip():
        yield Missing(Gap.EVIDENCE, "evidence")


def _no_stars(data: CaseData) -> Iterator[Missing]:
    if not data.evidence_stars:
        yield Missing(Gap.STARS, "evidence")


def _no_citizens(data: CaseData) -> Iterator[Missing]:
    if not any(option.measures for option in data.options):
        yield Missing(Gap.CITIZENS, "measures")


def _no_supplier(data: CaseData) -> Iterator[Missing]:
    if not data.supplier.strip():
        yield Missing(Gap.SUPPLIER, "description")


def _no_tags(data: CaseData) -> Iterator[Missing]:
    if not data.tags:
        yield Missing(Gap.TAGS, "description")


def _no_band(data: CaseData) -> Iterator[Missing]:
    savings = [
        flow
        for option in data.options
        for flow in option.flows
        if flow.kind is FlowKind.SAVING and flow.amount
    ]
    if savings and all(flow.low is None and flow.high is None for flow in savings):
        yield Missing(Gap.BAND, "flows", option=data.options[0].key)


ADVISED = (Gap.EVIDENCE, Gap.CITIZENS, Gap.BAND)
_LACKING: dict[Gap, Callable[[CaseData], Iterator[Missing]]] = {
    Gap.EVIDENCE: _no_evidence,
    Gap.STARS: _no_stars,
    Gap.CITIZENS: _no_citizens,
    Gap.BAND: _no_band,
    Gap.SUPPLIER: _no_supplier,
    Gap.TAGS: _no_tags,
}


def _description(data: CaseData) -> Iterator[Missing]:
    for gap, text in (
        (Gap.TITLE, data.title),
        (Gap.SUMMARY, data.summary),
        (Gap.TARGET_GROUP, data.target_group),
    ):
        if not text.strip():
            yield Missing(gap, "description")


def _options(data: CaseData, strategy: StrategyRecord) -> Iterator[Missing]:
    if not data.options:
        yield Missing(Gap.OPTION, "options")
    for option in data.options:
        if not option.flows:
            yield _no_flows(data, option)
        yield from _lines(option)
        yield from _computed_lines(option)
        yield from _years(option, strategy)


def _no_flows(data: CaseData, option: OptionData) -> Missing:
    """Return that an option has no money, at the step that somebody has begun to write it in."""
    effects = (data.argument or {}).get("effects") or []
    if effects and not any(effect.get("consequences") for effect in effects):
        return Missing(Gap.FLOWS, "consequences", option=option.key, anchor="use-0-name")
    return Missing(Gap.FLOWS, "flows", option=option.key)


def _argument(data: CaseData, strategy: StrategyRecord) -> Iterator[Missing]:
    """Yield what keeps the argument from being computed, at the step that it is written in."""
    for error in outgrown(data, strategy):
        step = "costs" if error.path.startswith("costs") or not error.path else "effect"
        if ".consequences" in error.path:
            step = "consequences"
        yield Missing(Gap.ARGUMENT, step, said=error.path, sentence=error.message)


def _lines(option: OptionData) -> Iterator[Missing]:
    for place, line in enumerate(lines_from(replace(option, flows=direct_flows(option)))):
        said = line.text
        if not any(flow.amount or flow.low or flow.high for flow in line.flows):
            yield Missing(Gap.AMOUNTS, "flows", option.key, place, said)
        elif line.kind is Kind.SAVING and line.cashable and not line.budget_line.strip():
            yield Missing(Gap.BUDGET_LINE, "flows", option.key, place, said)


def _computed_lines(option: OptionData) -> Iterator[Missing]:
    """Yield computed savings that nobody's budget is cut by, though they say so."""
    without = {
        flow.line_id: flow.line
        for flow in option.flows
        if flow.origin is Origin.COMPUTED
        and flow.kind is FlowKind.SAVING
        and flow.cashable
        and not flow.budget_line
    }
    for name in without.values():
        yield Missing(Gap.BUDGET_LINE, "consequences", option.key, said=name)


def _years(option: OptionData, strategy: StrategyRecord) -> Iterator[Missing]:
    first, last = strategy.horizon_first, strategy.horizon_last
    if first is None or last is None:
        return
    for year in sorted({flow.year for flow in direct_flows(option)}):
        if not first <= year <= last:
            yield Missing(Gap.YEAR, "flows", option.key, said=str(year))


_OPTION = re.compile(r"options\[(\d+)\]")


def _of_plan(case: CaseRecord, data: CaseData) -> Iterator[Missing]:
    """Yield what the reader of plan files says, each at the step where it can be mended."""
    errors = problems_of(case)
    for error in errors.errors if errors is not None else ():
        found = _OPTION.search(error.path)
        option = data.options[int(found[1])].key if found else ""
        step = "options" if found else "description"
        for part in ("flows", "measures"):
            if f".{part}" in error.path:
                step = part
        yield Missing(Gap.PLAN, step, option, sentence=error.message)
