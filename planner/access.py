"""Who may do what: one table of pages, one function that decides, one that filters.

A route without a row here answers nobody, and a test fails. Everything is denied by default and
rights are read afresh at each request.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from planner.model import (
    CaseRecord,
    InterventionRecord,
    PersonRecord,
    RoundRecord,
    ScenarioRecord,
)
from planner.model.states import TRANSITIONS, CaseState, Role, ScenarioState

# --- The table of pages ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may ask for a page.

    Parameters
    ----------
    roles : frozenset of Role
        Whoever has one of them; ignored when ``anybody``.
    note : str
        Why, in a few words.
    anybody : bool
        Also those who are not signed in.
    reads : bool
        A POST that changes nothing: it gets a session that only reads.
    """

    roles: frozenset[Role]
    note: str
    anybody: bool = False
    reads: bool = False


EVERYBODY = frozenset(Role)
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
FINANCE = frozenset({Role.FINANCE})
SETTERS = frozenset({Role.ADMINISTRATOR, Role.FINANCE})
LOG_READERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
SHELF_READERS = EVERYBODY - {Role.POLITICIAN}
EDITORS = frozenset({Role.DEPARTMENT_EDITOR})
DEPARTMENT = frozenset({Role.DEPARTMENT_EDITOR, Role.DEPARTMENT_READER})
PROPOSERS = EDITORS | FINANCE
DRAFTERS = frozenset({Role.FINANCE, Role.AUDITOR})
INSIDERS = frozenset({Role.FINANCE, Role.AUDITOR}) | DEPARTMENT
DECIDERS = frozenset({Role.FINANCE, Role.POLITICIAN, Role.AUDITOR})

PUBLIC: dict[str, Rule] = {
    "static": Rule(EVERYBODY, "stylesheet, scripts and pictures", anybody=True),
    "assets.charts": Rule(EVERYBODY, "the library that draws the charts", anybody=True),
    "health.healthz": Rule(EVERYBODY, "for the machine that watches over us", anybody=True),
    "security.login": Rule(EVERYBODY, "the door", anybody=True, reads=True),
    "security.logout": Rule(EVERYBODY, "the way out", anybody=True, reads=True),
}

# Pages that an extension brings and nobody may ask for.
CLOSED = frozenset({"security.static", "security.verify"})

OVERVIEW: dict[str, Rule] = {
    "method.show": Rule(EVERYBODY, "how everything is computed"),
    "overview.overview": Rule(EVERYBODY, "each sees what waits for them"),
    "notices.read": Rule(EVERYBODY, "one's own notices"),
    "notices.seen": Rule(EVERYBODY, "one's own notices"),
}

SETTINGS: dict[str, Rule] = {
    "settings.index": Rule(EVERYBODY, "everybody has an account of their own"),
    "settings.language": Rule(EVERYBODY, "one's own language"),
    "settings.password": Rule(EVERYBODY, "one's own password"),
    "settings.new_strategy": Rule(SETTERS, "settings"),
    "settings.strategy": Rule(SETTERS, "settings"),
    "settings.strategy_lists": Rule(SETTERS, "settings"),
    "settings.add_payer": Rule(SETTERS, "settings"),
    "settings.add_department": Rule(SETTERS, "settings"),
    "settings.add_pool": Rule(SETTERS, "settings"),
    "settings.payer": Rule(SETTERS, "settings"),
    "settings.department": Rule(SETTERS, "settings"),
    "prices.show": Rule(EVERYBODY, "what every amount is computed with"),
    "prices.edit": Rule(SETTERS, "settings"),
    "prices.discount": Rule(SETTERS, "settings"),
    "people.index": Rule(ADMINISTRATOR, "accounts"),
    "people.new": Rule(ADMINISTRATOR, "accounts"),
    "people.person": Rule(ADMINISTRATOR, "accounts; nobody changes their own rights"),
    "people.active": Rule(ADMINISTRATOR, "accounts; nobody closes their own"),
    "log.index": Rule(LOG_READERS, "the log"),
    "log.export": Rule(LOG_READERS, "what one may see, one may take along"),
}

INTERVENTIONS: dict[str, Rule] = {
    "interventions.index": Rule(EVERYBODY, "only the versions that one may see"),
    "interventions.show": Rule(EVERYBODY, "only the versions that one may see"),
    "interventions.matrix": Rule(EVERYBODY, "only the versions that one may see"),
    "interventions.ranking": Rule(EVERYBODY, "published effects; only the cases one may see"),
    "interventions.export": Rule(EVERYBODY, "only the versions that one may see"),
    "interventions.workbook": Rule(EVERYBODY, "only the versions that one may see"),
    "interventions.template": Rule(EVERYBODY, "no candidate's own; the lists of the strategy"),
    "interventions.upload": Rule(EDITORS, "drafts of one's own departments"),
    "interventions.preview": Rule(EDITORS, "looks at the file, stores nothing", reads=True),
    "interventions.store": Rule(EDITORS, "drafts of one's own departments"),
    "interventions.new": Rule(EDITORS, "for one's own departments"),
    "interventions.edit": Rule(EDITORS, "drafts of one's own departments"),
    "interventions.choose": Rule(EDITORS, "from the shelf, for drafts of one's own departments"),
    "interventions.figures": Rule(EDITORS, "looks at what is typed, stores nothing", reads=True),
    "interventions.calculation": Rule(EVERYBODY, "only the versions that one may see"),
    "interventions.recalculate": Rule(INSIDERS, "those who work with the case; its editors store"),
    "interventions.submit": Rule(EDITORS, "drafts of one's own departments"),
    "interventions.new_draft": Rule(EDITORS, "cases of one's own departments"),
    "interventions.accept": Rule(FINANCE, "finance finds a case sound"),
    "interventions.return_": Rule(FINANCE, "finance sends a case back, with a reason"),
    "interventions.move": Rule(FINANCE, "to another department of the strategy"),
    "interventions.withdraw": Rule(PROPOSERS, "with a reason; it stays visible"),
    "interventions.versions": Rule(EVERYBODY, "only the versions that one may see"),
    "interventions.duplicate": Rule(EDITORS, "what one may see, as a start of one's own"),
    "interventions.attachments": Rule(EVERYBODY, "whoever may see the case; its editors add"),
    "interventions.attachment": Rule(EVERYBODY, "whoever may see the case"),
    "interventions.remove_attachment": Rule(EDITORS, "drafts of one's own departments"),
    "interventions.comments": Rule(INSIDERS, "those who work with the case"),
    "interventions.resolve_comment": Rule(PROPOSERS, "those who work with the case"),
    "interventions.owners": Rule(INSIDERS, "those who work with the case; its editors write"),
    "acceptances.index": Rule(EVERYBODY, "the budgets that one is the owner of"),
    "acceptances.accept": Rule(EVERYBODY, "the budgets that one is the owner of"),
    "interventions.take_step": Rule(PROPOSERS, "a step of the road that one may take"),
    "interventions.enter_round": Rule(PROPOSERS, "into a round that is open to the department"),
}

ROUNDS: dict[str, Rule] = {
    "rounds.index": Rule(INSIDERS, "those who hand in, and those who ask"),
    "rounds.show": Rule(INSIDERS, "lists only what one may see"),
    "rounds.new": Rule(FINANCE, "finance asks for candidates"),
    "rounds.edit": Rule(FINANCE, "finance asks for candidates"),
    "rounds.close": Rule(FINANCE, "with a reason"),
    "rounds.reopen": Rule(FINANCE, "with a reason and a new deadline"),
}

SCENARIOS: dict[str, Rule] = {
    "scenarios.index": Rule(DECIDERS, "lists only what one may see"),
    "scenarios.export": Rule(DECIDERS, "what one may see, one may take along"),
    # everybody may ask: what is not for them answers as if it were not there
    "scenarios.show": Rule(EVERYBODY, "the desk of finance; others are led to the allocation"),
    "allocations.show": Rule(EVERYBODY, "published ones also for councillors"),
    "scenarios.create": Rule(FINANCE, "finance drafts"),
    "scenarios.rename": Rule(FINANCE, "finance drafts"),
    "scenarios.copy": Rule(FINANCE, "finance drafts"),
    "scenarios.publish": Rule(FINANCE, "finance publishes"),
    "scenario_rules.choose": Rule(FINANCE, "limits, goal and relations of a draft"),
    "scenario_rules.add": Rule(FINANCE, "limits, goal and relations of a draft"),
    "scenario_rules.edit": Rule(FINANCE, "limits, goal and relations of a draft"),
    "scenario_rules.remove": Rule(FINANCE, "limits, goal and relations of a draft"),
    "scenario_rules.undo": Rule(FINANCE, "puts back the limit that one took out last"),
    "scenario_rules.switch": Rule(FINANCE, "a limit is kept while it is off"),
    "scenario_goals.show": Rule(FINANCE, "the goals of a draft in their order"),
    "scenario_parts.pools": Rule(FINANCE, "how much there is to invest"),
    "scenario_parts.outcomes": Rule(FINANCE, "possible futures of a draft"),
    "scenario_parts.remove_outcomes": Rule(FINANCE, "possible futures of a draft"),
    "scenario_parts.candidates": Rule(FINANCE, "who takes part"),
    "scenario_parts.newest": Rule(FINANCE, "the newest accepted business cases"),
    "scenario_parts.missing": Rule(FINANCE, "accepted since the scenario was made"),
    "allocations.allocate": Rule(FINANCE, "finance calculates"),
    "allocations.numbers": Rule(FINANCE, "numbers changed where the limit stands"),
    "allocations.job": Rule(DRAFTERS, "how far a calculation is"),
    "allocations.cancel": Rule(FINANCE, "finance calculates"),
    "allocations.explaining": Rule(EVERYBODY, "published ones also for councillors"),
    "allocations.loosen": Rule(FINANCE, "a limit of a draft, where nothing fits"),
    "allocations.release": Rule(FINANCE, "a forced choice of a draft, where nothing fits"),
    "allocations.explain": Rule(FINANCE, "finance calculates"),
}

RISK: dict[str, Rule] = {
    "risk.show": Rule(EVERYBODY, "published ones also for councillors"),
    "risk.draw": Rule(FINANCE, "possible futures of a draft that has none"),
}

STUDIES: dict[str, Rule] = {
    "frontier.show": Rule(EVERYBODY, "published ones also for councillors"),
    "frontier.calculate": Rule(FINANCE, "finance calculates"),
    "frontier.job": Rule(EVERYBODY, "published ones also for councillors"),
    "frontier.cancel": Rule(FINANCE, "finance calculates"),
    "frontier.open_point": Rule(FINANCE, "finance drafts"),
    "stress.show": Rule(EVERYBODY, "published ones also for councillors"),
    "stress.calculate": Rule(FINANCE, "finance calculates"),
    "stress.job": Rule(EVERYBODY, "published ones also for councillors"),
    "alternatives.show": Rule(EVERYBODY, "published ones also for councillors"),
    "alternatives.calculate": Rule(FINANCE, "finance calculates"),
    "alternatives.job": Rule(EVERYBODY, "published ones also for councillors"),
    "alternatives.open_plan": Rule(FINANCE, "finance drafts"),
    "robustness.show": Rule(EVERYBODY, "published ones also for councillors"),
    "robustness.calculate": Rule(FINANCE, "finance calculates"),
    "robustness.job": Rule(EVERYBODY, "published ones also for councillors"),
    "rule_costs.show": Rule(EVERYBODY, "published ones also for councillors"),
    "rule_costs.calculate": Rule(FINANCE, "finance calculates"),
    "rule_costs.job": Rule(EVERYBODY, "published ones also for councillors"),
    "cut_list.show": Rule(EVERYBODY, "published ones also for councillors"),
    "cut_list.calculate": Rule(FINANCE, "finance calculates"),
    "cut_list.job": Rule(EVERYBODY, "published ones also for councillors"),
}

COMPARE: dict[str, Rule] = {
    "difference.calculate": Rule(FINANCE, "finance calculates"),
    "difference.job": Rule(DECIDERS, "only of scenarios that one may see"),
    "compare.show": Rule(DECIDERS, "scenarios side by side, only those that one may see"),
    "compare.export": Rule(DECIDERS, "what one may see, one may take along"),
    "compare.choose": Rule(DECIDERS, "only the scenarios that one may see"),
}

EXCHANGE: dict[str, Rule] = {
    "exchange.upload": Rule(FINANCE, "a plan file becomes a strategy"),
    "exchange.preview": Rule(FINANCE, "looks at the file, stores nothing", reads=True),
    "exchange.store": Rule(FINANCE, "a plan file becomes a strategy"),
    "exchange.plan_file": Rule(DECIDERS, "what one may see, one may take along"),
    "exchange.result_file": Rule(DECIDERS, "what one may see, one may take along"),
    "exchange.workbook": Rule(DECIDERS, "what one may see, one may take along"),
}

LIBRARY: dict[str, Rule] = {
    "library.index": Rule(SHELF_READERS, "whoever works with cases"),
    "library.show": Rule(SHELF_READERS, "whoever works with cases; only the uses one may see"),
    "library.flags": Rule(SHELF_READERS, "only the cases that one may see"),
    "library.list_file": Rule(SHELF_READERS, "what one may see, one may take along"),
    "library.export": Rule(SHELF_READERS, "what one may see, one may take along"),
    "library.new": Rule(SETTERS, "finance and administrators keep the shelf"),
    "library.new_version": Rule(SETTERS, "finance and administrators keep the shelf"),
    "library.retire": Rule(SETTERS, "with a reason; it stays visible"),
    "library.settings": Rule(SETTERS, "after how many years to look again"),
    "library.upload": Rule(SETTERS, "finance and administrators keep the shelf"),
    "library.preview": Rule(SETTERS, "looks at the file, stores nothing", reads=True),
    "library.store": Rule(SETTERS, "finance and administrators keep the shelf"),
}

INDICATORS: dict[str, Rule] = {
    "indicators.index": Rule(EVERYBODY, "what a strategy begins with"),
    "indicators.show": Rule(EVERYBODY, "what a strategy begins with"),
    "indicators.export": Rule(EVERYBODY, "what one may see, one may take along"),
    "indicators.upload": Rule(SETTERS, "finance and administrators keep the indicators"),
    "indicators.preview": Rule(SETTERS, "looks at the file, stores nothing", reads=True),
    "indicators.store": Rule(SETTERS, "finance and administrators keep the indicators"),
}

RULES: dict[str, Rule] = {
    **PUBLIC,
    **OVERVIEW,
    **SETTINGS,
    **INTERVENTIONS,
    **ROUNDS,
    **SCENARIOS,
    **RISK,
    **STUDIES,
    **COMPARE,
    **EXCHANGE,
    **LIBRARY,
    **INDICATORS,
}


def may_ask(actor: PersonRecord | None, endpoint: str) -> bool:
    """Say whether ``actor`` may ask for a page at all; an endpoint without a rule: nobody."""
    rule = RULES.get(endpoint)
    if rule is None:
        return False
    return rule.anybody or (actor is not None and bool(actor.role_names & rule.roles))


# --- One object -----------------------------------------------------------------------------------


def allowed(actor: PersonRecord, action: str, thing: Any) -> bool:
    """Say whether ``actor`` may do ``action`` to ``thing`` in its present state.

    ``"see"`` asks for reading; every other action is one of `planner.model.states.TRANSITIONS`.
    """
    if action == "see":
        return _may_see(actor, thing)
    if not _may_see(actor, thing):
        return False
    if isinstance(thing, CaseRecord) and thing.intervention.is_withdrawn:
        return False
    transition = TRANSITIONS.get((thing.KIND, str(thing.state), action))
    if transition is None and isinstance(thing, InterventionRecord) and not thing.is_withdrawn:
        transition = TRANSITIONS.get((thing.KIND, str(thing.stage), action))
    if transition is None:
        return False
    roles = actor.role_names & transition.roles
    if transition.own_department and not _is_of_department(actor, thing):
        roles -= DEPARTMENT
    return bool(roles)


def _intervention_of(thing: CaseRecord | InterventionRecord) -> InterventionRecord:
    return thing.intervention if isinstance(thing, CaseRecord) else thing


def _is_of_department(actor: PersonRecord, thing: CaseRecord | InterventionRecord) -> bool:
    return bool(actor.role_names & DEPARTMENT) and (
        _intervention_of(thing).department_id in actor.department_ids
    )


def sees_drafts(actor: PersonRecord) -> bool:
    """Say whether ``actor`` may see drafts of scenarios, and what was tried on the way."""
    return bool(actor.role_names & DRAFTERS)


def _may_see(actor: PersonRecord, thing: Any) -> bool:
    if isinstance(thing, CaseRecord):
        return thing.state in _states_seen(actor) or _is_of_department(actor, thing)
    if isinstance(thing, InterventionRecord):
        return any(_may_see(actor, case) for case in thing.cases)
    if isinstance(thing, RoundRecord):
        return bool(actor.role_names & INSIDERS)
    if isinstance(thing, ScenarioRecord):
        return thing.state in _scenario_states_seen(actor)
    return False


def _states_seen(actor: PersonRecord) -> frozenset[CaseState]:
    """Return the states in which a case of any department is seen."""
    if Role.AUDITOR in actor.role_names:
        return frozenset(CaseState)
    if Role.FINANCE in actor.role_names:
        return frozenset({CaseState.SUBMITTED, CaseState.ACCEPTED, CaseState.RETURNED})
    return frozenset({CaseState.ACCEPTED}) if actor.role_names else frozenset()


def _scenario_states_seen(actor: PersonRecord) -> frozenset[ScenarioState]:
    if sees_drafts(actor):
        return frozenset(ScenarioState)
    if Role.POLITICIAN in actor.role_names:
        return frozenset(ScenarioState) - {ScenarioState.DRAFT}
    return frozenset()


# --- Many objects ---------------------------------------------------------------------------------


def visible(actor: PersonRecord, model: type[Any]) -> ColumnElement[bool]:
    """Return the condition that leaves only what ``actor`` may see; nothing by default."""
    if model is CaseRecord:
        return _visible_cases(actor)
    if model is InterventionRecord:
        seen = select(CaseRecord.intervention_id).where(_visible_cases(actor))
        return InterventionRecord.id.in_(seen)
    if model is RoundRecord:
        return true() if actor.role_names & INSIDERS else false()
    if model is ScenarioRecord:
        states = _scenario_states_seen(actor)
        return ScenarioRecord.state.in_(sorted(states)) if states else false()
    return false()


def _visible_cases(actor: PersonRecord) -> ColumnElement[bool]:
    states = _states_seen(actor)
    if states == frozenset(CaseState):
        return true()
    parts: list[ColumnElement[bool]] = []
    if states:
        parts.append(CaseRecord.state.in_(sorted(states)))
    if actor.role_names & DEPARTMENT and actor.department_ids:
        own = select(InterventionRecord.id).where(
            InterventionRecord.department_id.in_(sorted(actor.department_ids))
        )
        parts.append(and_(CaseRecord.intervention_id.in_(own)))
    return or_(*parts) if parts else false()
