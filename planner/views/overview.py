"""The first page: what waits for the one who reads it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import Blueprint, render_template
from flask_babel import gettext as _
from flask_babel import ngettext, to_user_timezone

from planner import formats
from planner.extensions import db, me, now
from planner.model import PersonRecord, ScenarioRecord
from planner.model.states import CaseState, Role, ScenarioState
from planner.reports.values import Figure
from planner.services.acceptances import SavingLine, waiting_for
from planner.services.interventions import InterventionRow
from planner.services.overlaps import shared_lines
from planner.services.overview import Overview, overview_of
from planner.services.shelf_uses import attention
from planner.services.strategies import get_strategy
from planner.services.writing import NotFoundError
from planner.views.frame import may_go
from planner.views.indicators import first_charts
from planner.views.notices import shown_notices
from planner.views.overlaps import pointed_out
from planner.views.owners import line_title

blueprint = Blueprint("overview", __name__)

FIRST_PICTURES = 2

# title, text, when, tone, action, address: what the macro `tasks` takes
Task = tuple[str, str, str, str, str, str]


@blueprint.get("/")
def overview() -> str:
    """Show what waits for me."""
    person = me()
    try:
        strategy = get_strategy(db.session)
    except NotFoundError:
        return render_template(
            "overview/empty.html", may_make=may_go(person, "/settings/strategies/new")
        )
    found = overview_of(db.session, strategy, actor=person)
    return render_template(
        "overview/overview.html",
        strategy=strategy,
        tasks=[*_tasks(found, waiting_for(db.session, person)), *_shelf_task(person)],
        figures=_figures(found, person),
        unread=shown_notices(),
        shared=[
            pointed_out(pair, person) for pair in shared_lines(db.session, strategy, actor=person)
        ]
        if Role.FINANCE in person.role_names
        else [],
        scenarios=[_scenario_line(scenario) for scenario in found.scenarios],
        sees_scenarios=may_go(person, "/scenarios"),
        indicators=first_charts(FIRST_PICTURES),
        compare_href=_compare(found.scenarios) if may_go(person, "/compare") else "",
    )


def _intervention_address(row: InterventionRow) -> str:
    return f"/interventions/{quote(row.code)}"


def _tasks(found: Overview, waiting: list[SavingLine]) -> Iterator[Task]:
    for row in found.to_assess:
        text = _(
            "%(department)s has submitted it; finance accepts or returns it.",
            department=row.department,
        )
        yield (
            row.title,
            text,
            _when(row.submitted_at),
            "now",
            _("Assess"),
            _intervention_address(row),
        )
    for line in waiting:
        text = _("A budget of yours becomes smaller: %(line)s.", line=line_title(line))
        if line.record is not None:
            href = f"/acceptances/{line.record.id}"
            yield line.record.case.title, text, "", "now", _("Take a position"), href
    for row in found.returned:
        text = _("Finance sent it back: %(reason)s", reason=row.reason)
        yield (
            row.title,
            text,
            _when(row.decided_at),
            "warn",
            _("Correct it"),
            _intervention_address(row),
        )
    for row in found.drafts:
        text = _("Your draft is not submitted yet.")
        yield row.title, text, _when(row.edited_at), "quiet", _("Go on"), _intervention_address(row)
    for scenario in found.outdated:
        text = _("A newer version of a business case has been accepted since.")
        yield scenario.title, text, "", "quiet", _("Open the scenario"), f"/scenarios/{scenario.id}"


def _shelf_task(person: PersonRecord) -> Iterator[Task]:
    """Point finance at what is old on the knowledge shelf, and at the cases that stand on it."""
    if Role.FINANCE not in person.role_names:
        return
    found = attention(db.session, now=now(), actor=person)
    parts = [
        ngettext(
            "%(num)d entry has an old source.",
            "%(num)d entries have an old source.",
            found.old_entries,
        )
        if found.old_entries
        else "",
        ngettext(
            "%(num)d business case should be looked at again.",
            "%(num)d business cases should be looked at again.",
            found.flagged_cases,
        )
        if found.flagged_cases
        else "",
    ]
    if found.is_needed:
        text = " ".join(filter(None, parts))
        yield _("The knowledge shelf"), text, "", "quiet", _("See which"), "/library/flags"


def _when(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return formats.date(to_user_timezone(moment), language=formats.reader_language())


def _figures(found: Overview, person: PersonRecord) -> list[Figure]:
    states = [row.state for row in found.interventions]
    shown = [
        Figure(
            label=_("Interventions"),
            value=len(states),
            kind="count",
            href="/interventions" if may_go(person, "/interventions") else "",
        )
    ]
    if person.role_names & {Role.FINANCE, Role.AUDITOR, Role.DEPARTMENT_EDITOR}:
        shown += [
            Figure(
                label=label,
                value=states.count(state),
                kind="count",
                href=f"/interventions?state={state}" if may_go(person, "/interventions") else "",
            )
            for label, state in (
                (_("Submitted"), CaseState.SUBMITTED),
                (_("Accepted by finance"), CaseState.ACCEPTED),
            )
        ]
    if may_go(person, "/scenarios"):
        shown.append(
            Figure(
                label=_("Scenarios"), value=len(found.scenarios), kind="count", href="/scenarios"
            )
        )
    return shown


def _scenario_line(scenario: ScenarioRecord) -> dict[str, Any]:
    return {
        "title": scenario.title,
        "href": f"/scenarios/{scenario.id}",
        "state": f"scenario.{scenario.state}",
        "description": scenario.description,
        "candidates": sum(candidate.takes_part for candidate in scenario.candidates),
        "published_at": scenario.published_at,
    }


def _compare(scenarios: list[ScenarioRecord]) -> str:
    """Return the address that compares the published scenarios, or the drafts, up to four."""
    published = [s for s in scenarios if s.state is not ScenarioState.DRAFT]
    chosen = (published if len(published) > 1 else scenarios)[:4]
    return "/compare?" + "&".join(f"s={s.id}" for s in chosen) if len(chosen) > 1 else ""
