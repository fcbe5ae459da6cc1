"""What should be looked at again because of the knowledge shelf, said where the cases stand."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from optimizer.sentence import listing
from planner.extensions import db, me, now
from planner.formats import reader_language
from planner.model import CaseRecord, ScenarioRecord
from planner.services.intervention_list import InterventionView
from planner.services.shelf_uses import ShelfFlag, flags_by_case
from planner.views.intervention_margin import Remark, is_insider


@dataclass(frozen=True, slots=True)
class FlaggedCase:
    """A case of a scenario that should be looked at again: its title, its address, and why."""

    title: str
    href: str
    words: str


def remarks(view: InterventionView, case: CaseRecord) -> list[Remark]:
    """Return what the shelf says against the version that is shown; for those who work with it."""
    found = flags_by_case(db.session, now=now(), actor=me()).get(case.id, [])
    if not found or not is_insider(me(), view):
        return []
    if any(flag.has_newer for flag in found) and case is view.current:
        href = url_for("interventions.recalculate", code=view.intervention.code)
        return [Remark(words(found), "warn", href, _("Recalculate: see old against new"))]
    return [Remark(words(found), "warn", url_for("library.flags"), _("See which"))]


def words(found: Iterable[ShelfFlag]) -> str:
    """Say of which entries a case has old figures, and of which the source is old."""
    flags = list(found)
    newer = [flag for flag in flags if flag.has_newer and not flag.is_retired]
    old = [flag for flag in flags if flag.is_old and not flag.has_newer]
    retired = [flag for flag in flags if flag.is_retired]
    sentences = []
    if newer:
        text = _("The knowledge shelf has newer figures than the case: %(titles)s.",
                 titles=_titles(newer))  # fmt: skip
        sentences.append(text)
    if old:
        sentences.append(_("The source is old: %(titles)s.", titles=_titles(old)))
    if retired:
        sentences.append(_("Has left the shelf: %(titles)s.", titles=_titles(retired)))
    return " ".join(sentences)


def _titles(flags: Iterable[ShelfFlag]) -> str:
    titles = dict.fromkeys(flag.use.version.entry.title for flag in flags)
    return listing(list(titles)).say(reader_language())


def flagged_in(scenario: ScenarioRecord) -> list[FlaggedCase]:
    """Return the cases of a scenario that should be looked at again, by title."""
    found = []
    for flags in flags_by_case(db.session, now=now(), actor=me()).values():
        use = flags[0].use
        if any(one.id == scenario.id for one in use.scenarios):
            href = url_for(
                "interventions.show", code=use.case.intervention.code, version=use.case.number
            )
            found.append(FlaggedCase(use.case.title, href, words(flags)))
    return sorted(found, key=lambda case: case.title)
