"""What a comparison needs from the database beside the scenarios themselves."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.access import visible
from planner.model import InterventionRecord, PersonRecord, ScenarioRecord


def visible_codes(
    session: Session, scenarios: Iterable[ScenarioRecord], *, actor: PersonRecord
) -> dict[int, str]:
    """Return the addresses of the scenarios' interventions that ``actor`` may see, by their id."""
    strategies = {scenario.strategy_id for scenario in scenarios}
    found = session.execute(
        select(InterventionRecord.id, InterventionRecord.code).where(
            InterventionRecord.strategy_id.in_(strategies), visible(actor, InterventionRecord)
        )
    )
    return {row.id: row.code for row in found}
