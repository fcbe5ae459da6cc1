"""A scenario with some choices decided beforehand, as in a plan that a study found."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from planner.model import PersonRecord, ScenarioRecord, StudyRecord
from planner.model.states import Force
from planner.services.scenario_edits import CandidateChoice, update_candidates
from planner.services.studies import copy_studied


def open_choices(
    session: Session,
    study: StudyRecord,
    decided: Mapping[str, bool],
    *,
    title: str,
    reason: str,
    by: PersonRecord | None,
    now: datetime,
) -> ScenarioRecord:
    """Make a draft like the studied scenario, with some interventions forced in or out.

    Parameters
    ----------
    decided : mapping
        Intervention id in the plan to whether it is in; what is not named is left as it is.
    reason : str
        Why they are decided beforehand, as it stands in the draft.

    Raises
    ------
    ChangedSinceError
        When the scenario has been changed since it was studied.
    """
    copy = copy_studied(session, study, title=title, by=by, now=now)
    choices = [
        CandidateChoice(
            intervention_id=candidate.intervention_id,
            takes_part=candidate.takes_part,
            force=Force.IN if decided[candidate.intervention.key] else Force.OUT,
            force_reason=reason,
        )
        for candidate in copy.candidates
        if candidate.intervention.key in decided and candidate.takes_part
    ]
    return update_candidates(session, copy, choices, by=by, now=now, seen_version=copy.version)
