"""The limit that a person took out last, kept in their own session so that it can be put back.

It can be undone only while nothing else has changed in the scenario: then the version is the same.
"""

import json
from typing import Any

from flask import session

from planner.model import ScenarioLimitRecord, ScenarioRecord

KEY = "removed-limit"
# the session travels in a cookie, which a browser drops when it is too large
LONGEST = 1_500


def keep_removed(scenario: ScenarioRecord, limit: ScenarioLimitRecord) -> bool:
    """Keep what ``limit`` said after it was taken out; False when it is too long to keep."""
    session.pop(KEY, None)
    removed = {
        "scenario": scenario.id,
        "version": scenario.version,
        "place": limit.position,
        "is_on": limit.is_on,
        "content": limit.content,
    }
    if len(json.dumps(removed)) > LONGEST:
        return False
    session[KEY] = removed
    return True


def removed_limit(scenario: ScenarioRecord) -> dict[str, Any] | None:
    """Return what was taken out of the scenario last, or None when it cannot be put back."""
    removed = session.get(KEY)
    if not isinstance(removed, dict):
        return None
    mine = (removed["scenario"], removed["version"]) == (scenario.id, scenario.version)
    return removed if mine else None


def forget_removed() -> None:
    """Forget it, after it was put back."""
    session.pop(KEY, None)
