"""Who stands in front of the application: a stranger, and somebody of every role."""

from planner.clock import utc_now
from planner.model.database import PlannerSession
from planner.model.states import Role
from planner.services.demo import ACCOUNTS, PASSWORD
from planner.services.people import create_person
from planner.services.strategies import get_strategy

ANONYMOUS = "anonymous"
# the roles that the demonstration has no account of, each with its department
OTHERS = {"laeser": (Role.DEPARTMENT_READER, "SOC"), "revisor": (Role.AUDITOR, None)}
SIGNED_IN = [*ACCOUNTS, *OTHERS]
PEOPLE = [ANONYMOUS, *SIGNED_IN]


def add_others(session: PlannerSession) -> None:
    """Make the accounts that the demonstration has not."""
    departments = {d.key: d for d in get_strategy(session).departments}
    for name, (role, own) in OTHERS.items():
        create_person(
            session,
            email=f"{name}@nordby.example",
            name=name.capitalize(),
            password=PASSWORD,
            roles=[role],
            departments=[departments[own]] if own else [],
            by=None,
            now=utc_now(),
        )
