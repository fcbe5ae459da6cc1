"""The words for states, one word for one thing, with the tone that each is shown in.

A state is written ``family.code``, such as ``case.accepted``: the same code means different things
on different roads (``running`` is a project under way or a calculation under way).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from flask_babel import lazy_gettext as _

Tone = Literal["quiet", "now", "good", "warn", "stop"]


@dataclass(frozen=True, slots=True)
class State:
    """A state's word and how it is shown: quiet, now (somebody's turn), good, warn or stop."""

    label: Any
    tone: Tone


STATES: Final[dict[str, State]] = {
    "stage.idea": State(_("Idea"), "quiet"),
    "stage.presented": State(_("Presented to the council"), "now"),
    "stage.assessed": State(_("Assessed"), "now"),
    "stage.in_development": State(_("In development"), "now"),
    "stage.ready": State(_("Ready for decision"), "now"),
    "stage.approved_by_council": State(_("Approved by the council"), "good"),
    "stage.approved_by_mayor": State(_("Approved by the mayor"), "good"),
    "stage.running": State(_("Agreed and running"), "good"),
    "stage.followed_up": State(_("Followed up"), "good"),
    "stage.made_permanent": State(_("Made permanent"), "good"),
    "stage.changed": State(_("Changed"), "warn"),
    "stage.stopped": State(_("Stopped"), "stop"),
    "stage.returned": State(_("Returned"), "stop"),
    "stage.withdrawn": State(_("Withdrawn"), "quiet"),
    "case.draft": State(_("Draft"), "quiet"),
    "case.submitted": State(_("Submitted"), "now"),
    "case.accepted": State(_("Accepted by finance"), "good"),
    "case.returned": State(_("Returned"), "stop"),
    "case.withdrawn": State(_("Withdrawn"), "quiet"),
    "round.planned": State(_("Not open yet"), "quiet"),
    "round.open": State(_("Open for submissions"), "now"),
    "round.over": State(_("Deadline has passed"), "warn"),
    "round.closed": State(_("Closed by finance"), "stop"),
    "scenario.draft": State(_("Draft"), "quiet"),
    "scenario.published": State(_("Published"), "now"),
    "scenario.adopted": State(_("Adopted"), "good"),
    "scenario.rejected": State(_("Rejected"), "stop"),
    "scenario.returned": State(_("Returned"), "stop"),
    "scenario.superseded": State(_("Superseded"), "quiet"),
    "job.queued": State(_("Queued"), "quiet"),
    "job.running": State(_("Calculating"), "now"),
    "job.done": State(_("Done"), "good"),
    "job.failed": State(_("Failed"), "stop"),
    "job.cancelled": State(_("Cancelled"), "quiet"),
    "shelf.in_use": State(_("In use"), "good"),
    "shelf.old": State(_("Old source"), "warn"),
    "shelf.retired": State(_("Retired"), "quiet"),
}

# what a line of the log says was done; actions without words here stand as they are
ACTIONS: Final[dict[str, Any]] = {
    "shelf.add": _("Shelf: laid up"),
    "shelf.version": _("Shelf: new version"),
    "shelf.retire": _("Shelf: retired"),
    "shelf.years": _("Shelf: age changed"),
    "indicator.add": _("Indicator: stored"),
    "indicator.version": _("Indicator: new version"),
}


def action(code: str) -> str:
    """Return what was done, in the reader's language: ``shelf.add`` is ``Hylde: lagt op``."""
    return str(ACTIONS.get(code, code))


def state(code: str) -> State:
    """Return the word and tone of a state ``family.code``."""
    return STATES[code]
