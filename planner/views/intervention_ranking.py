"""The ranking of interventions by an outcome, beside their target groups' lines (*rangliste*)."""

from collections.abc import Sequence

from flask import render_template, request, url_for
from flask_babel import gettext as _

from optimizer.cases.judged import successes_in
from optimizer.shelf import ShelfEffect, ShelfKind
from planner.extensions import db, me
from planner.formats import reader_language
from planner.model import ShelfEntryRecord, StrategyRecord
from planner.reports.intervention_list import danish_order
from planner.reports.ranking import ORDERS, Ranked, own_goal, ranked_effect, ranking_report
from planner.services.interventions import list_interventions
from planner.services.shelf import ShelfFilters, list_entries
from planner.services.shelf_uses import users_by_entry
from planner.services.strategies import list_strategies
from planner.views.frame import may_go
from planner.views.intervention_list import (
    calculated_source,
    chosen_strategy,
    options_of,
    views_of_list,
)

OWN = "own"


def ranking() -> str:
    """Rank what is known of the chosen outcome; without a choice, the one most is known of."""
    strategy = chosen_strategy(list_strategies(db.session))
    if strategy is None:
        return render_template("interventions/none.html")
    outcomes = _by_outcome(_effects())
    order = next((one for one in ORDERS if one == request.args.get("order")), ORDERS[0])
    asked = request.args.get("outcome", "")
    chosen = asked if asked in {*outcomes, OWN} else next(iter(outcomes), OWN)
    found = outcomes.get(chosen) or _own_goals(strategy)
    groups = sorted({r.group for r in found if r.group}, key=danish_order)
    group = request.args.get("group", "")
    report = ranking_report(
        [r for r in found if group not in groups or r.group == group],
        outcome=chosen if chosen in outcomes else "",
        order=order,
        source=_sources(found) if chosen in outcomes else calculated_source(strategy),
        language=reader_language(),
    )
    own = _("Each its own goal: added effect of the candidates")
    return render_template(
        "interventions/ranking.html",
        tabs=views_of_list("ranking"),
        report=report,
        strategy=strategy,
        outcomes=[*((name, name) for name in outcomes), (OWN, own)],
        groups=[("", _("All")), *((one, one) for one in groups)],
        orders=[("rate", _("Share that succeeds")), ("effect", _("Added effect"))],
        chosen=chosen,
        group=group,
        order=order,
        is_own=chosen == OWN,
    )


def _sources(found: Sequence[Ranked]) -> str:
    """Return the one source of everything that is ranked, else where each is named."""
    sources = {one.source for one in found}
    if len(sources) == 1:
        return sources.pop()
    return _("the knowledge shelf; the source of each stands in the table")


def _effects() -> list[tuple[ShelfEntryRecord, ShelfEffect, list[str]]]:
    users = users_by_entry(db.session, ShelfKind.EFFECT, actor=me())
    found = []
    for entry in list_entries(db.session, ShelfFilters(kind=ShelfKind.EFFECT)):
        content = entry.newest.says
        if isinstance(content, ShelfEffect) and content.p_with is not None:
            found.append((entry, content, [case.title for case in users.get(entry.id, [])]))
    return found


def _by_outcome(
    effects: Sequence[tuple[ShelfEntryRecord, ShelfEffect, list[str]]],
) -> dict[str, list[Ranked]]:
    """Return the lines of each outcome, the outcome that most is known of first."""
    outcomes: dict[str, list[Ranked]] = {}
    is_reader = may_go(me(), "/library")
    for entry, effect, users in effects:
        newest = entry.newest
        line = ranked_effect(
            effect,
            title=entry.title,
            href=url_for("library.show", code=entry.key) if is_reader else "",
            source=", ".join(part for part in (newest.source, newest.source_date) if part),
            used_by=users,
        )
        outcomes.setdefault(effect.outcome, []).append(line)
    return dict(sorted(outcomes.items(), key=lambda item: (-len(item[1]), danish_order(item[0]))))


def _own_goals(strategy: StrategyRecord) -> list[Ranked]:
    rows = [
        row
        for row in list_interventions(db.session, strategy=strategy, actor=me())
        if not row.withdrawn
    ]
    _appraisal, options = options_of(strategy, rows)
    goals = {case: successes_in(option) for case, (option, _count) in options.items()}
    return [
        own_goal(
            title=row.title,
            href=url_for("interventions.show", code=row.code),
            group=row.target_group,
            effect=None if (goal := goals.get(row.case_id)) is None else goal.added_effect,
        )
        for row in rows
    ]
