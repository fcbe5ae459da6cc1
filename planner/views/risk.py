"""The risk page of a stored result."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import to_user_timezone
from werkzeug.wrappers import Response

from planner import formats
from planner.access import allowed
from planner.extensions import db, me, now
from planner.formats import reader_language as language
from planner.forms.base import BaseForm
from planner.reports.risk import risk_report
from planner.reports.stored import stored_allocation
from planner.services import scenarios

blueprint = Blueprint("risk", __name__, url_prefix="/allocations")


@blueprint.get("/<int:allocation_id>/risk")
def show(allocation_id: int) -> str:
    """Show what the net saving of a result may turn out to be."""
    record = scenarios.get_allocation(db.session, allocation_id, actor=me())
    moment = formats.moment(to_user_timezone(record.created_at), language=language())
    allocation = stored_allocation(record.plan, record.result)
    scenario = record.scenario
    return render_template(
        "risk/show.html",
        scenario=scenario,
        report=risk_report(
            allocation,
            language=language(),
            source=_("Bundlinje, calculated %(moment)s", moment=moment),
        ),
        has_plan=allocation.has_plan,
        may_draw=allowed(me(), "edit", scenario) and scenario.outcomes is None,
        form=BaseForm(formdata=None),
        record=record,
        price_note=_("Amounts in %(year)s prices", year=allocation.plan.price_year),
    )


@blueprint.post("/<int:allocation_id>/outcomes")
def draw(allocation_id: int) -> Response:
    """Give a draft that has none possible futures; it is to be allocated again then."""
    record = scenarios.get_allocation(db.session, allocation_id, actor=me())
    scenarios.update_outcomes(
        db.session,
        record.scenario,
        scenarios.default_outcomes(),
        by=me(),
        now=now(),
        seen_version=BaseForm().seen_version,
    )
    flash(_("The scenario has possible futures now. Press Allocate to see its risk."))
    return redirect(url_for("scenarios.show", scenario_id=record.scenario_id), 303)
