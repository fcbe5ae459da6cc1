"""What waits for one person."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from planner.model import PersonRecord, ScenarioRecord, StrategyRecord
from planner.model.states import CaseState, Role
from planner.services.interventions import InterventionRow, list_interventions
from planner.services.scenarios import list_scenarios, newer_cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything that the overview says.

    Parameters
    ----------
    interventions : list of InterventionRow
        All that the person may see.
    to_assess, returned, drafts : list of InterventionRow
        What waits for finance, and for the person's own department.
    scenarios : list of ScenarioRecord
        All that the person may see.
    outdated : list of ScenarioRecord
        Drafts for which a newer accepted case exists.
    """

    interventions: list[InterventionRow]
    to_assess: list[InterventionRow]
    returned: list[InterventionRow]
    drafts: list[InterventionRow]
    scenarios: list[ScenarioRecord]
    outdated: list[ScenarioRecord]


def overview_of(session: Session, strategy: StrategyRecord, *, actor: PersonRecord) -> Overview:
    """Return what waits for ``actor`` in a strategy."""
    rows = list_interventions(session, strategy=strategy, actor=actor)
    open_rows = [row for row in rows if not row.withdrawn]
    own = {
        department.key for department in actor.departments if department.strategy_id == strategy.id
    }
    mine = [row for row in open_rows if row.department_key in own] if _edits(actor) else []
    is_finance = Role.FINANCE in actor.role_names
    scenarios = list_scenarios(session, actor=actor, strategy=strategy)
    return Overview(
        interventions=rows,
        to_assess=_in_state(open_rows, CaseState.SUBMITTED) if is_finance else [],
        returned=_in_state(mine, CaseState.RETURNED),
        drafts=_in_state(mine, CaseState.DRAFT),
        scenarios=scenarios,
        outdated=[s for s in scenarios if s.is_draft and newer_cases(session, s)]
        if is_finance
        else [],
    )


def _edits(actor: PersonRecord) -> bool:
    return Role.DEPARTMENT_EDITOR in actor.role_names


def _in_state(rows: list[InterventionRow], state: CaseState) -> list[InterventionRow]:
    return [row for row in rows if row.case_state is state]
