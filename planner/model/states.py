"""The words that are stored: states, roles, kinds; and which step leads from one state to the next.

`TRANSITIONS` is the only place that says who may move what from which state to which. Services
take the next state from it, `planner.access` takes the rights from it, pages take their buttons
from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may be."""

    ADMINISTRATOR = "administrator"
    FINANCE = "finance"
    DEPARTMENT_EDITOR = "department_editor"
    DEPARTMENT_READER = "department_reader"
    POLITICIAN = "politician"
    AUDITOR = "auditor"


class CaseState(StrEnum):
    """Where one version of a business case stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    RETURNED = "returned"


class Stage(StrEnum):
    """Where a candidate is on its road."""

    IDEA = "idea"
    PRESENTED = "presented"
    ASSESSED = "assessed"
    IN_DEVELOPMENT = "in_development"
    READY = "ready"
    APPROVED_BY_COUNCIL = "approved_by_council"
    APPROVED_BY_MAYOR = "approved_by_mayor"
    RUNNING = "running"
    FOLLOWED_UP = "followed_up"
    MADE_PERMANENT = "made_permanent"
    CHANGED = "changed"
    STOPPED = "stopped"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class RoundState(StrEnum):
    """Whether finance keeps a round open; its deadline counts besides."""

    OPEN = "open"
    CLOSED = "closed"


class ScenarioState(StrEnum):
    """Where a scenario stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ADOPTED = "adopted"
    REJECTED = "rejected"
    RETURNED = "returned"
    SUPERSEDED = "superseded"


class JobStatus(StrEnum):
    """Where a calculation stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StudyKind(StrEnum):
    """What is asked of a plan that is known."""

    FRONTIER = "frontier"
    STRESS = "stress"
    ALTERNATIVES = "alternatives"
    CUT_LIST = "cut_list"
    DIFFERENCE = "difference"
    ROBUSTNESS = "robustness"
    RULE_COSTS = "rule_costs"


class JobKind(StrEnum):
    """What is calculated."""

    ALLOCATE = "allocate"
    EXPLAIN = "explain"
    FRONTIER = "frontier"
    STRESS = "stress"
    ALTERNATIVES = "alternatives"
    CUT_LIST = "cut_list"
    DIFFERENCE = "difference"
    ROBUSTNESS = "robustness"
    RULE_COSTS = "rule_costs"


STUDY_JOBS = frozenset(JobKind(kind) for kind in StudyKind)


class Force(StrEnum):
    """A candidate that is decided beforehand."""

    IN = "in"
    OUT = "out"


class PayerLevel(StrEnum):
    """Whose purse it is."""

    MUNICIPALITY = "municipality"
    REGION = "region"
    STATE = "state"
    CITIZEN = "citizen"
    OTHER = "other"


class PoolKind(StrEnum):
    """What a pool's money may be used for."""

    INVESTMENT = "investment"
    OUTCOME_PAYMENTS = "outcome_payments"


class Category(StrEnum):
    """Control category of a flow."""

    SERVICE = "service"
    CONSTRUCTION = "construction"
    TRANSFERS = "transfers"


class FlowKind(StrEnum):
    """What a flow is: the investment, other added spending, or a saving."""

    OUTLAY = "outlay"
    COST = "cost"
    SAVING = "saving"


class NoticeKind(StrEnum):
    """What somebody is told."""

    RETURNED = "returned"
    COMMENTED = "commented"
    DEADLINE_NEAR = "deadline_near"
    FLAGGED = "flagged"
    CALCULATED = "calculated"


class FileKind(StrEnum):
    """What an attachment is; the word is also the ending of its name."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    ODT = "odt"
    ODS = "ods"


class Cashability(StrEnum):
    """What a saving is to the budget; only a budget cut is cashable."""

    BUDGET_CUT = "budget_cut"
    AVOIDED_GROWTH = "avoided_growth"
    TIME_FREED = "time_freed"
    NONE = "none"


class Origin(StrEnum):
    """Where an amount comes from: somebody typed it, or it was computed from the argument."""

    DIRECT = "direct"
    COMPUTED = "computed"


CASE = "case"
INTERVENTION = "intervention"
SCENARIO = "scenario"
ROUND = "round"


@dataclass(frozen=True, slots=True)
class Transition:
    """One step: to which state it leads, and who may take it.

    Parameters
    ----------
    to : str
        The state after the step.
    roles : frozenset of Role
        Who may take it.
    own_department : bool
        Whether the department roles among them must belong to the object's department.
    """

    to: str
    roles: frozenset[Role]
    own_department: bool = False


_EDITORS = frozenset({Role.DEPARTMENT_EDITOR})
_FINANCE = frozenset({Role.FINANCE})

# by kind, state and action
TRANSITIONS: dict[tuple[str, str, str], Transition] = {
    (CASE, CaseState.DRAFT, "save"): Transition(CaseState.DRAFT, _EDITORS, own_department=True),
    (CASE, CaseState.DRAFT, "submit"): Transition(
        CaseState.SUBMITTED, _EDITORS, own_department=True
    ),
    (CASE, CaseState.SUBMITTED, "accept"): Transition(CaseState.ACCEPTED, _FINANCE),
    (CASE, CaseState.SUBMITTED, "return"): Transition(CaseState.RETURNED, _FINANCE),
    (CASE, CaseState.ACCEPTED, "new_draft"): Transition(
        CaseState.DRAFT, _EDITORS, own_department=True
    ),
    (CASE, CaseState.RETURNED, "new_draft"): Transition(
        CaseState.DRAFT, _EDITORS, own_department=True
    ),
    (INTERVENTION, "open", "withdraw"): Transition(
        "withdrawn", _EDITORS | _FINANCE, own_department=True
    ),
    (INTERVENTION, "open", "move"): Transition("open", _FINANCE),
    (INTERVENTION, "open", "enter_round"): Transition(
        "open", _EDITORS | _FINANCE, own_department=True
    ),
    (ROUND, RoundState.OPEN, "edit"): Transition(RoundState.OPEN, _FINANCE),
    (ROUND, RoundState.OPEN, "close"): Transition(RoundState.CLOSED, _FINANCE),
    # a deadline that has passed is moved
    (ROUND, RoundState.OPEN, "reopen"): Transition(RoundState.OPEN, _FINANCE),
    (ROUND, RoundState.CLOSED, "reopen"): Transition(RoundState.OPEN, _FINANCE),
    (SCENARIO, ScenarioState.DRAFT, "edit"): Transition(ScenarioState.DRAFT, _FINANCE),
    (SCENARIO, ScenarioState.DRAFT, "allocate"): Transition(ScenarioState.DRAFT, _FINANCE),
    (SCENARIO, ScenarioState.DRAFT, "publish"): Transition(ScenarioState.PUBLISHED, _FINANCE),
    (SCENARIO, ScenarioState.DRAFT, "copy"): Transition(ScenarioState.DRAFT, _FINANCE),
    (SCENARIO, ScenarioState.PUBLISHED, "copy"): Transition(ScenarioState.DRAFT, _FINANCE),
}


_OWN = _EDITORS | _FINANCE

TRANSITIONS |= {(CASE, state, "duplicate"): Transition(state, _EDITORS) for state in CaseState}
TRANSITIONS |= {
    (CASE, state, "comment"): Transition(state, _OWN, own_department=True) for state in CaseState
}

# the road of a candidate: action, from, to, who; the department's people for their own only
_ROAD = (
    ("present", Stage.IDEA, Stage.PRESENTED, _OWN),
    ("present", Stage.RETURNED, Stage.PRESENTED, _OWN),
    ("assess", Stage.PRESENTED, Stage.ASSESSED, _OWN),
    ("develop", Stage.ASSESSED, Stage.IN_DEVELOPMENT, _FINANCE),
    ("ready", Stage.IN_DEVELOPMENT, Stage.READY, _OWN),
    ("council", Stage.READY, Stage.APPROVED_BY_COUNCIL, _FINANCE),
    ("mayor", Stage.APPROVED_BY_COUNCIL, Stage.APPROVED_BY_MAYOR, _FINANCE),
    ("agree", Stage.APPROVED_BY_MAYOR, Stage.RUNNING, _OWN),
    ("follow", Stage.RUNNING, Stage.FOLLOWED_UP, _OWN),
    ("permanent", Stage.FOLLOWED_UP, Stage.MADE_PERMANENT, _FINANCE),
    ("change", Stage.FOLLOWED_UP, Stage.CHANGED, _FINANCE),
    ("stop", Stage.FOLLOWED_UP, Stage.STOPPED, _FINANCE),
    *(
        ("back", stage, Stage.RETURNED, _FINANCE)
        for stage in (
            *(Stage.PRESENTED, Stage.ASSESSED, Stage.IN_DEVELOPMENT, Stage.READY),
            *(Stage.APPROVED_BY_COUNCIL, Stage.APPROVED_BY_MAYOR, Stage.RUNNING),
            Stage.FOLLOWED_UP,
        )
    ),
)
TRANSITIONS |= {
    (INTERVENTION, stage, action): Transition(to, roles, own_department=True)
    for action, stage, to, roles in _ROAD
}


class WrongStateError(Exception):
    """A step that the present state does not allow."""

    def __init__(self, kind: str, state: str, action: str) -> None:
        super().__init__(f"{action!r} is not possible for a {kind} that is {state!r}")
        self.kind = kind
        self.state = state
        self.action = action


def next_state(kind: str, state: str, action: str) -> str:
    """Return the state that ``action`` leads to.

    Raises
    ------
    WrongStateError
        When the state does not allow the action.
    """
    transition = TRANSITIONS.get((kind, state, action))
    if transition is None:
        raise WrongStateError(kind, state, action)
    return transition.to


def actions_from(kind: str, state: str) -> Iterator[str]:
    """Yield the actions that ``state`` allows somebody."""
    return (action for k, s, action in TRANSITIONS if (k, s) == (kind, state))
