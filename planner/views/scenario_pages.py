"""What the pages of a scenario are made of: its lines in words, its result, its notices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from flask import current_app, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext, to_user_timezone

from optimizer import Plan
from optimizer.constraints import constraints
from optimizer.objectives import objectives
from optimizer.relations import relations
from planner import formats
from planner.access import INSIDERS, allowed, may_ask
from planner.extensions import db, me
from planner.formats import reader_language as language
from planner.forms.base import BaseForm
from planner.forms.numbers_in_place import Piece, pieces
from planner.forms.rules import rule_of
from planner.forms.scenarios import TIME_LIMITS, USUAL_TIME_LIMIT
from planner.model import AllocationRecord, JobRecord, ScenarioLimitRecord, ScenarioRecord
from planner.model.states import JobStatus
from planner.reports.allocation import AllocationReport, uses_by_path
from planner.reports.limit_uses import Use, limit_use
from planner.reports.scenario_facts import (
    Fact,
    futures_fact,
    goal_text,
    pool_facts,
    relation_text,
    within_text,
)
from planner.reports.values import LimitUse
from planner.services import jobs
from planner.services.explanations import EXPLAINED, explaining_job, explanation_of
from planner.services.leases import WORKER_STOPPED
from planner.services.overlaps import shared_lines
from planner.services.scenario_outline import outline_plan
from planner.services.scenarios import (
    is_current,
    latest_allocation,
    missing_candidates,
    newer_cases,
)
from planner.views.following import JobLine
from planner.views.frame import may_go
from planner.views.job_words import explaining_line, job_line
from planner.views.kept_reports import report_of
from planner.views.overlaps import Pointed, unsaid_in
from planner.views.removed_limit import removed_limit
from planner.views.shelf_flags import FlaggedCase, flagged_in


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One limit on the workbench.

    Parameters
    ----------
    pieces : tuple of Piece
        The sentence with its numbers as fields; empty where it is only said.
    errors : tuple of (str, str)
        Field name and what is wrong with it.
    """

    id: int
    use: LimitUse
    pieces: tuple[Piece, ...] = ()
    is_on: bool = True
    errors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A goal or a relation: what it says, the small print, where it is changed.

    ``label`` introduces a goal: it is the first, a part of the same, or one that comes after.
    """

    text: str
    detail: str = ""
    reason: str = ""
    href: str | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The last result of a scenario and whether it belongs to what the scenario says now.

    Parameters
    ----------
    explaining : JobLine or None
        The work on its explanation, while there is none yet.
    may_explain : bool
        Whether there is neither an explanation nor work on one, and the reader may ask for it.
    loosen_href, release_href : str
        What takes the loosening of a limit, or the giving up of a rule without a number, where
        nothing fits; empty where the reader may not.
    """

    record: AllocationRecord
    report: AllocationReport
    is_current: bool
    calculated: str
    explaining: JobLine | None
    may_explain: bool
    loosen_href: str
    release_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Everything that the page of a scenario shows."""

    scenario: ScenarioRecord
    plan: Plan
    facts: list[Fact]
    goal: list[Line]
    limits: list[LimitLine]
    relations: list[Line]
    detail: str
    counted: str
    forced: list[Line]
    newer: int
    flagged: list[FlaggedCase]
    missing: int
    unsaid: list[Pointed]
    job: JobLine | None
    trouble: str
    result: Result | None
    downloads: list[tuple[str, str]]
    may_edit: bool
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def has_numbers(self) -> bool:
        """Return whether some limit has a number that can be changed where it stands."""
        return any(line.pieces for line in self.limits)


def bench_of(
    scenario: ScenarioRecord,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Bench:
    """Return the page of a scenario.

    Parameters
    ----------
    typed, wrong : mapping of field name to text
        What stood in the limits' numbers and could not be taken, and why.
    """
    plan = outline_plan(db.session, scenario)
    may_edit = allowed(me(), "edit", scenario)
    result = result_of(scenario)
    job = jobs.latest_job(db.session, scenario) if may_edit else None
    limits = _limits(scenario, plan, result, typed=typed or {}, wrong=wrong or {})
    return Bench(
        scenario=scenario,
        plan=plan,
        facts=_facts(scenario, plan, may_edit=may_edit),
        goal=_goal(scenario, plan, may_edit=may_edit),
        limits=limits,
        relations=_relations(scenario, plan, may_edit=may_edit),
        detail=_detail(scenario),
        counted=_counted(scenario),
        forced=_forced(scenario),
        newer=len(newer_cases(db.session, scenario)) if scenario.is_draft else 0,
        flagged=flagged_in(scenario) if me().role_names & INSIDERS else [],
        missing=len(missing_candidates(db.session, scenario)) if scenario.is_draft else 0,
        unsaid=_unsaid(scenario, result),
        job=None if job is None or job.is_over else job_line(job),
        trouble=_trouble(job),
        result=result,
        downloads=_downloads(scenario, has_result=result is not None),
        may_edit=may_edit,
        errors=[
            (name, f"{line.use.sentence}: {text}") for line in limits for name, text in line.errors
        ],
    )


# ---- The result ----


def result_of(scenario: ScenarioRecord) -> Result | None:
    """Return the last result with its report; None where nothing has been calculated."""
    record = latest_allocation(db.session, scenario)
    if record is None:
        return None
    moment = formats.moment(to_user_timezone(record.created_at), language=language())
    explanation = explanation_of(db.session, record)
    job = explaining_job(db.session, record) if explanation is None else None
    is_missing = explanation is None and (job is None or job.is_over)
    may_mend = is_current(scenario, record) and allowed(me(), "edit", scenario)
    return Result(
        record,
        report_of(
            record,
            language=language(),
            calculated=moment,
            addresses=_addresses(scenario),
            explanation=None
            if explanation is None
            else (explanation.english if language() == "en" else explanation.danish),
        ),
        is_current(scenario, record),
        moment,
        explaining=None if job is None or job.is_over else explaining_line(job),
        may_explain=is_missing
        and record.status in EXPLAINED
        and may_ask(me(), "allocations.explain"),
        loosen_href=url_for("allocations.loosen", scenario_id=scenario.id) if may_mend else "",
        release_href=url_for("allocations.release", scenario_id=scenario.id) if may_mend else "",
    )


def _addresses(scenario: ScenarioRecord) -> dict[str, str]:
    found = {
        c.intervention.key: f"/interventions/{quote(c.intervention.code)}"
        for c in scenario.candidates
    }
    sample = next(iter(found.values()), None)
    return found if sample is not None and may_go(me(), sample) else {}


def _downloads(scenario: ScenarioRecord, *, has_result: bool) -> list[tuple[str, str]]:
    wanted = [("exchange.plan_file", _("Plan file (JSON)"))]
    if has_result:
        wanted.append(("exchange.result_file", _("Result (JSON)")))
        wanted.append(("exchange.workbook", _("Workbook (Excel)")))
    return [
        (words, url_for(endpoint, scenario_id=scenario.id))
        for endpoint, words in wanted
        if endpoint in current_app.view_functions
    ]


def _unsaid(scenario: ScenarioRecord, result: Result | None) -> list[Pointed]:
    """Return the pairs whose saving may be counted twice, for the scenario says nothing of them."""
    chosen = [] if result is None else result.record.result.get("chosen", [])
    funded = {one["intervention"] for one in chosen}
    pairs = shared_lines(db.session, scenario.strategy, actor=me())
    return unsaid_in(scenario, pairs, funded, me())


# ---- The lines at the left ----


def _facts(scenario: ScenarioRecord, plan: Plan, *, may_edit: bool) -> list[Fact]:
    """Return the pools and the possible futures, each with where it is changed."""
    futures = futures_fact(scenario.outcomes, language=language())
    pools = pool_facts(scenario.pools, plan, language=language()) or [
        Fact(_("Pool"), _("None yet"))
    ]
    if not may_edit:
        return [*pools, futures]
    there = url_for("scenario_parts.pools", scenario_id=scenario.id)
    outcomes = url_for("scenario_parts.outcomes", scenario_id=scenario.id)
    return [*(replace(f, href=there) for f in pools), replace(futures, href=outcomes)]


def _goal(scenario: ScenarioRecord, plan: Plan, *, may_edit: bool) -> list[Line]:
    """Return the first goal and those after it, each introduced by its place."""
    family = "goal" if may_edit else ""
    lines = goal_lines(scenario, plan, family, scenario.objective["terms"])
    for place, goal in enumerate(scenario.then):
        family = f"then-{place}" if may_edit else ""
        first, *rest = goal_lines(scenario, plan, family, goal["terms"])
        within = within_text(Fraction(repr(goal.get("within", 0))), language=language())
        lines += [replace(first, label=_("Then"), detail=within), *rest]
    return lines


def goal_lines(
    scenario: ScenarioRecord, plan: Plan, family: str, terms: Sequence[dict[str, Any]]
) -> list[Line]:
    """Return the terms of one goal in words; ``family`` is where they are changed, or nothing."""
    lines = []
    for place, content in enumerate(terms):
        term, errors = rule_of(content, objectives, plan)
        text = (
            goal_text(term, plan, alone=len(terms) == 1, language=language())
            if term is not None
            else _unreadable(errors)
        )
        label = _("and") if place else _("Goal")
        href = _edit(scenario, family, place) if family else None
        lines.append(Line(text, href=href, label=label))
    return lines


def _relations(scenario: ScenarioRecord, plan: Plan, *, may_edit: bool) -> list[Line]:
    lines = []
    for place, content in enumerate(scenario.relations):
        relation, errors = rule_of(content, relations, plan)
        text, detail = (
            relation_text(relation, plan, language=language())
            if relation is not None
            else (_unreadable(errors), "")
        )
        href = _edit(scenario, "relations", place) if may_edit else None
        lines.append(Line(text, detail, str(content.get("reason") or ""), href))
    return lines


def _edit(scenario: ScenarioRecord, family: str, place: int) -> str:
    return url_for("scenario_rules.edit", scenario_id=scenario.id, family=family, place=place)


def _unreadable(errors: Any) -> str:
    said = errors[0].message.say(language()) if errors else ""
    return _("This cannot be used as it stands: %(problem)s", problem=said)


def _limits(
    scenario: ScenarioRecord,
    plan: Plan,
    result: Result | None,
    *,
    typed: Mapping[str, str],
    wrong: Mapping[str, str],
) -> list[LimitLine]:
    uses = uses_by_path(result.report) if result is not None and result.is_current else {}
    lines, place = [], 0
    for limit in scenario.limits:
        mine: list[Use] = []
        if limit.is_on:
            mine = uses.get(f"scenario.constraints[{place}]", [])
            place += 1
        lines.append(_limit(limit, plan, mine, typed=typed, wrong=wrong))
    return lines


def _limit(
    limit: ScenarioLimitRecord,
    plan: Plan,
    uses: list[Use],
    *,
    typed: Mapping[str, str],
    wrong: Mapping[str, str],
) -> LimitLine:
    rule, errors = rule_of(limit.content, constraints, plan)
    href = _edit(limit.scenario, "limits", limit.id)
    if rule is None:
        return LimitLine(
            limit.id, LimitUse(sentence=_unreadable(errors), href=href), is_on=limit.is_on
        )
    sentence = rule.named(plan).say(language())
    if not limit.is_on:
        off = LimitUse(sentence=sentence, state="off", href=href)
        return LimitLine(limit.id, off, is_on=False)
    found = tuple(
        Piece(p.words, p.name, typed.get(p.name, p.value), p.label, p.width)
        for p in pieces(limit.id, rule, plan, language())
    )
    names = {p.name for p in found if p.name}
    return LimitLine(
        limit.id,
        limit_use(uses, sentence=sentence, href=href, language=language()),
        pieces=found,
        errors=tuple((name, text) for name, text in wrong.items() if name in names),
    )


def _forced(scenario: ScenarioRecord) -> list[Line]:
    words = {"in": _("%(title)s is forced in"), "out": _("%(title)s is kept out")}
    return [
        Line(words[str(c.force)] % {"title": c.case.title}, reason=c.force_reason)
        for c in scenario.candidates
        if c.force is not None and c.takes_part
    ]


def _detail(scenario: ScenarioRecord) -> str:
    number = _("Scenario %(id)s, version %(version)s", id=scenario.id, version=scenario.version)
    return " · ".join((number, scenario.strategy.title, _counted(scenario)))


def _counted(scenario: ScenarioRecord) -> str:
    taking_part = [c for c in scenario.candidates if c.takes_part]
    forced = sum(c.force is not None for c in taking_part)
    said = ngettext(
        "%(num)s intervention takes part", "%(num)s interventions take part", len(taking_part)
    )
    decided = (
        ngettext("%(num)s decided beforehand", "%(num)s decided beforehand", forced)
        if forced
        else _("none forced in or out")
    )
    return f"{said}, {decided}"


def _trouble(job: JobRecord | None) -> str:
    """Return what went wrong with the last calculation, where it left no result."""
    if job is None or job.allocation_id is not None:
        return ""
    if job.status is JobStatus.CANCELLED:
        return _("The last calculation was cancelled. What is shown is older.")
    if job.error == jobs.SCENARIO_CHANGED:
        return _(
            "The scenario was changed while it was calculated, so the result was not kept. "
            "Press Allocate again."
        )
    if job.error == WORKER_STOPPED:
        return _(
            "The process that calculates ended twice while it worked on this, so it was not tried "
            "again. Your scenario is as it was. Give it less time to calculate, and tell your "
            "administrator."
        )
    if job.status is JobStatus.FAILED:
        return _(
            "The calculation went wrong. Your scenario is as it was; press Allocate again, and "
            "tell your administrator if it happens once more."
        )
    return ""


# ---- Rendering ----


def workbench(bench: Bench, *, time_limit: int = USUAL_TIME_LIMIT) -> str:
    """Render the workbench."""
    return render_template(
        "scenarios/show.html",
        bench=bench,
        form=BaseForm(formdata=None),
        time_limits=TIME_LIMITS,
        time_limit=time_limit,
        price_note=price_note(bench),
        compare_href=compare_href(bench.scenario),
        may_undo=removed_limit(bench.scenario) is not None,
    )


def price_note(bench: Bench) -> str:
    """Return the price year, said in the foot of the page."""
    return _("Amounts in %(year)s prices", year=bench.plan.price_year)


def compare_href(scenario: ScenarioRecord) -> str:
    """Return where the scenario is set beside others, or nothing."""
    if "compare.show" not in current_app.view_functions:
        return ""
    return url_for("compare.show", s=scenario.id)
