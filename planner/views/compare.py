"""Scenarios side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import to_user_timezone

from optimizer import Allocation
from planner import formats
from planner.extensions import db, me
from planner.model import AllocationRecord, ScenarioRecord
from planner.reports.allocation_status import brief_status, headline
from planner.reports.comparison import Side, Sides, comparison_of
from planner.reports.stored import brief_of, stored_allocation
from planner.services.comparison import visible_codes
from planner.services.scenarios import (
    get_scenario,
    is_current,
    latest_allocations,
    list_scenarios,
)
from planner.services.writing import NotFoundError
from planner.views.difference import section_of
from planner.views.downloads import tables_file

blueprint = Blueprint("compare", __name__)

FEWEST, MOST = 2, 4
LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class Choice:
    """One scenario that may be compared, on the page where one chooses."""

    identity: int
    title: str
    href: str
    state: str
    strategy: str
    answer: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one scenario that the reader must know, with a link to it."""

    text: str
    title: str
    href: str


@blueprint.get("/compare")
def show() -> str:
    """Show two to four scenarios side by side, or ask which ones."""
    asked = _asked()
    if not FEWEST <= len(asked) <= MOST:
        return _choose(asked)
    scenarios = [get_scenario(db.session, identity, actor=me()) for identity in asked]
    found, remarks = _results(scenarios)
    if len(found) < FEWEST:
        return _choose(asked, remarks=remarks)
    sides = Sides(tuple(found), formats.reader_language())
    comparison = comparison_of(sides, source=_source(sides))
    return render_template(
        "compare/show.html",
        comparison=comparison,
        price_note=comparison.price_note,
        sides=sides.all,
        remarks=remarks,
        difference=section_of(scenarios, [side.title for side in found])
        if len(scenarios) == len(found) == FEWEST
        else None,
        change=url_for("compare.choose", s=asked),
        downloads=[
            (kind, url_for("compare.export", ending=ending, s=asked))
            for kind, ending in (("Excel", "xlsx"), ("CSV", "csv"))
        ],
    )


@blueprint.get("/compare/export/<ending>")
def export(ending: str) -> Response:
    """Download the tables of the comparison."""
    asked = _asked()
    scenarios = [get_scenario(db.session, identity, actor=me()) for identity in asked[: MOST + 1]]
    found, _remarks = _results(scenarios) if FEWEST <= len(asked) <= MOST else ([], [])
    if len(found) < FEWEST:
        raise NotFoundError
    sides = Sides(tuple(found), formats.reader_language())
    shown = comparison_of(sides, source=_source(sides))
    tables = [shown.money.table, shown.other.table, shown.matrix, shown.limits]
    what = f"comparison-{'-'.join(str(identity) for identity in asked)}"
    return tables_file([*tables, *shown.years, shown.assumptions], ending=ending, what=what)


@blueprint.get("/compare/choose")
def choose() -> str:
    """Ask which scenarios to compare."""
    return _choose(_asked())


def _asked() -> list[int]:
    """Return the scenarios in the address, each once; what is no number does not exist."""
    found: list[int] = []
    for text in request.args.getlist("s"):
        if not (text.isascii() and text.isdigit()) or len(text) > LONGEST_NUMBER:
            raise NotFoundError
        if int(text) not in found:
            found.append(int(text))
    return found


# ---- The scenarios as sides ----


def _results(scenarios: Sequence[ScenarioRecord]) -> tuple[list[Side], list[Remark]]:
    """Return those that have a plan, and what must be said about any of them."""
    records = latest_allocations(db.session, scenarios)
    codes = visible_codes(db.session, scenarios, actor=me())
    sides, remarks = [], []
    for scenario, title in zip(scenarios, _titles(scenarios), strict=True):
        record = records.get(scenario.id)
        if record is None:
            remarks.append(
                _remark(scenario, _("has not been calculated yet, and is left out here."))
            )
            continue
        allocation = stored_allocation(record.plan, record.result)
        if not allocation.has_plan:
            answer = headline(allocation.status, None, language=formats.reader_language())
            remarks.append(_remark(scenario, _("is left out here: %(answer)s", answer=answer)))
            continue
        if not is_current(scenario, record):
            remarks.append(
                _remark(
                    scenario, _("has been changed since it was calculated; this is the result.")
                )
            )
        sides.append(_side(scenario, title, record, allocation, codes=codes))
    return sides, remarks


def _titles(scenarios: Sequence[ScenarioRecord]) -> list[str]:
    """Return names that tell the scenarios apart."""
    titles = [scenario.title for scenario in scenarios]
    return [
        title if titles.count(title) == 1 else f"{title} ({scenario.id})"
        for title, scenario in zip(titles, scenarios, strict=True)
    ]


def _side(
    scenario: ScenarioRecord,
    title: str,
    record: AllocationRecord,
    allocation: Allocation,
    *,
    codes: dict[int, str],
) -> Side:
    addresses = {
        candidate.intervention.key: f"/interventions/{quote(codes[candidate.intervention_id])}"
        for candidate in scenario.candidates
        if candidate.intervention_id in codes
    }
    return Side(
        title=title,
        href=_scenario_address(scenario),
        state=f"scenario.{scenario.state}",
        strategy=scenario.strategy.title,
        allocation=allocation,
        version=record.scenario_version,
        calculated=_moment(record),
        versions={c.intervention.key: c.case.number for c in scenario.candidates},
        addresses=addresses,
    )


def _scenario_address(scenario: ScenarioRecord) -> str:
    return f"/scenarios/{scenario.id}"


def _moment(record: AllocationRecord) -> str:
    moment = to_user_timezone(record.created_at)
    return formats.moment(moment, language=formats.reader_language())


def _source(sides: Sides) -> str:
    moments = list(dict.fromkeys(side.calculated for side in sides.all))
    return str(_("Bundlinje, calculated %(moment)s", moment=sides.words(moments)))


def _remark(scenario: ScenarioRecord, text: str) -> Remark:
    return Remark(title=scenario.title, href=_scenario_address(scenario), text=str(text))


# ---- Choosing ----


def _choose(asked: Sequence[int], *, remarks: Sequence[Remark] = ()) -> str:
    scenarios = list_scenarios(db.session, actor=me())
    records = latest_allocations(db.session, scenarios)
    return render_template(
        "compare/choose.html",
        choices=[_line(scenario, records.get(scenario.id), asked) for scenario in scenarios],
        remarks=remarks,
        advice=_advice(asked, remarks),
        fewest=FEWEST,
    )


def _line(
    scenario: ScenarioRecord, record: AllocationRecord | None, asked: Sequence[int]
) -> Choice:
    language = formats.reader_language()
    answer = _("Not calculated yet.")
    if record is not None:
        answer = brief_status(brief_of(record.plan, record.result), language=language)
    return Choice(
        identity=scenario.id,
        title=scenario.title,
        href=_scenario_address(scenario),
        state=f"scenario.{scenario.state}",
        strategy=scenario.strategy.title,
        answer=str(answer),
        chosen=scenario.id in asked,
    )


def _advice(asked: Sequence[int], remarks: Sequence[Remark]) -> str:
    """Return what is wrong with the choice, if anything."""
    if remarks:
        return str(_("Fewer than two of them have a plan to compare."))
    if len(asked) > MOST:
        return str(_("At most four scenarios can stand side by side. Take some out."))
    if len(asked) == 1 and request.endpoint == "compare.show":
        return str(_("Choose at least one more."))
    return ""
