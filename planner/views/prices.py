"""A strategy's price levels and discount steps: everybody reads them, finance changes them."""

from fractions import Fraction
from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from optimizer.cases import DISCOUNT_SCHEDULES, PriceLevels
from optimizer.scenario import DiscountStep
from planner.access import may_ask
from planner.extensions import db, me, now
from planner.formats import reader_language
from planner.forms.price_levels import PriceLevelsForm, written
from planner.model import StrategyRecord
from planner.reports.price_levels import index_table, schedule_table
from planner.services.case_argument import levels_of
from planner.services.price_levels import set_price_levels, use_discount_schedule
from planner.services.strategies import get_strategy
from planner.services.writing import NotFoundError

blueprint = Blueprint("prices", __name__, url_prefix="/settings/strategies")

Answer = str | Response | tuple[str, int]


@blueprint.get("/<int:strategy_id>/prices")
def show(strategy_id: int) -> str:
    """Show the index, and the discount steps of each publication."""
    strategy = get_strategy(db.session, strategy_id)
    levels, may_edit = levels_of(strategy), may_ask(me(), "prices.edit")
    return render_template(
        "settings/prices.html",
        strategy=strategy,
        levels=index_table(levels, price_year=strategy.price_year) if levels.index else None,
        schedules=schedule_table(_steps(strategy), language=reader_language()),
        offered=[
            (schedule.published, str(uuid4()))
            for schedule in reversed(DISCOUNT_SCHEDULES)
            if schedule.steps != _steps(strategy)
        ]
        if may_edit
        else [],
        has_own_steps=bool(strategy.discount)
        and all(schedule.steps != _steps(strategy) for schedule in DISCOUNT_SCHEDULES),
        may_edit=may_edit,
        crumbs=_crumbs(strategy, _("Prices and discounting")),
    )


def _steps(strategy: StrategyRecord) -> tuple[DiscountStep, ...]:
    return tuple(
        DiscountStep(step["after_year"], Fraction(str(step["rate"]))) for step in strategy.discount
    )


def _crumbs(strategy: StrategyRecord, last: str) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = [(_("Settings"), url_for("settings.index"))]
    if may_ask(me(), "settings.strategy"):
        address = url_for("settings.strategy", strategy_id=strategy.id)
        found.append((strategy.title, address))
    return [*found, (last, None)]


@blueprint.route("/<int:strategy_id>/prices/edit", methods=["GET", "POST"])
def edit(strategy_id: int) -> Answer:
    """Change the index of price levels."""
    strategy = get_strategy(db.session, strategy_id)
    levels = levels_of(strategy)
    values: dict[str, Any] = {
        "table": written(levels.index),
        "source": levels.source,
        "version": strategy.version,
    }
    form = PriceLevelsForm(data=values)
    form.price_year = strategy.price_year
    if form.validate_on_submit():
        set_price_levels(
            db.session,
            strategy,
            PriceLevels(form.index(), form.source.data or ""),
            by=me(),
            now=now(),
            seen_version=form.seen_version,
        )
        flash(_("Saved. Cases keep their amounts until they are saved or recalculated."))
        return redirect(url_for("prices.show", strategy_id=strategy.id), 303)
    page = render_template(
        "settings/price_levels.html",
        form=form,
        strategy=strategy,
        crumbs=_crumbs(strategy, _("Price levels")),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/<int:strategy_id>/prices/discount")
def discount(strategy_id: int) -> Response:
    """Discount with the steps of one publication."""
    strategy = get_strategy(db.session, strategy_id)
    published = request.form.get("published", type=int)
    schedule = next((s for s in DISCOUNT_SCHEDULES if s.published == published), None)
    if schedule is None:
        raise NotFoundError
    use_discount_schedule(
        db.session,
        strategy,
        schedule,
        by=me(),
        now=now(),
        seen_version=request.form.get("version", type=int),
    )
    flash(_("The strategy discounts with the steps of %(year)d.", year=schedule.published))
    return redirect(url_for("prices.show", strategy_id=strategy.id), 303)
