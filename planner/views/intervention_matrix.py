"""The picture of a strategy's candidates: price against effect or evidence (*tilbudsviften*)."""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from planner.extensions import db, me
from planner.formats import reader_language
from planner.model import StrategyRecord
from planner.reports.offers import UPS, Offer, Up, offer_figures, offers_report
from planner.services.intervention_list import passes
from planner.services.interventions import InterventionRow, list_interventions
from planner.services.strategies import list_strategies
from planner.views.intervention_list import (
    calculated_source,
    choices_of,
    chosen_strategy,
    filters_of,
    options_of,
    price_note,
    views_of_list,
)


def matrix() -> str:
    """Show what one more success costs against effect or evidence, narrowed as the address says."""
    strategies = list_strategies(db.session)
    strategy = chosen_strategy(strategies)
    if strategy is None:
        return render_template("interventions/none.html")
    every = list_interventions(db.session, strategy=strategy, actor=me())
    filters = filters_of(strategy, every)
    rows = [row for row in every if passes(row, filters)]
    if not filters.states:
        rows = [row for row in rows if not row.withdrawn]
    axis = next((up for up in UPS if up == request.args.get("up")), UPS[0])
    report = offers_report(
        _offers(strategy, rows),
        axis=axis,
        price_year=strategy.price_year,
        source=calculated_source(strategy),
        language=reader_language(),
    )
    return render_template(
        "interventions/matrix.html",
        tabs=views_of_list("matrix"),
        report=report,
        strategies=[(s.id, s.title) for s in strategies],
        strategy=strategy,
        filters=filters,
        choices=choices_of(strategy, every) | {"up": _axes()},
        up=axis,
        price_note=price_note(strategy),
    )


def _axes() -> list[tuple[Up, str]]:
    return [("effect", _("Added effect")), ("evidence", _("Evidence"))]


def _offers(strategy: StrategyRecord, rows: list[InterventionRow]) -> list[Offer]:
    appraisal, options = options_of(strategy, rows)
    none: tuple[Any, int] = (None, 0)
    return [
        offer_figures(
            Offer(
                title=row.title,
                code=row.key,
                href=url_for("interventions.show", code=row.code),
                group=row.target_group,
                stars=row.evidence_stars,
            ),
            appraisal,
            options.get(row.case_id, none)[0],
        )
        for row in rows
    ]
