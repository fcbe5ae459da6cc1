"""What it would cost to decide a candidate beforehand, as the last explained result says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import to_user_timezone

from optimizer import plan_from_document
from planner import formats
from planner.extensions import db
from planner.formats import reader_language as language
from planner.model import AllocationRecord, ScenarioRecord
from planner.reports.why import whys_of
from planner.services import explanations
from planner.services.scenarios import is_current, latest_allocation


@dataclass(frozen=True, slots=True)
class ForcePrices:
    """The prices by intervention id in the plan, and the result that they come from.

    Parameters
    ----------
    note : str
        Which result the prices are of; or that there are none yet.
    result_id : int or None
        Its number, for the page that says what all limits and forced choices cost.
    """

    note: str
    by_intervention: Mapping[str, str] = field(default_factory=dict)
    result_id: int | None = None


def force_prices(scenario: ScenarioRecord) -> ForcePrices:
    """Return the prices that the last result of a scenario has; none while it is not explained."""
    record = latest_allocation(db.session, scenario)
    found = None if record is None else explanations.explanation_of(db.session, record)
    if record is None or found is None:
        return ForcePrices(_("What it costs to decide one beforehand is found when you allocate."))
    document = found.english if language() == "en" else found.danish
    whys = whys_of(document, plan_from_document(record.plan), language=language())
    prices = {
        name: ": ".join(why.facts[0]) for name, why in whys.interventions.items() if why.facts
    }
    return ForcePrices(_note(scenario, record), prices, record.id)


def _note(scenario: ScenarioRecord, record: AllocationRecord) -> str:
    moment = formats.moment(to_user_timezone(record.created_at), language=language())
    said = _("The prices are of the result from %(moment)s, each alone.", moment=moment)
    if not is_current(scenario, record):
        said += " " + _("The scenario has been changed since.")
    return said
